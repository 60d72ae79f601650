import { exitCodes } from '../../errors.ts'
import { explain } from '../../policy/index.ts'
import { explanationJson, explanationMarkdown, explanationText } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import type { AnswerFormat } from '../options.ts'
import { demandPort, readModel } from './policy-input.ts'

export const explainCommand: CommandHandler = async (context) => {
  const { args, options, output } = context
  const [from, to, written = 'TCP/80'] = args as [string, string, string | undefined]
  const { protocol, port } = demandPort(written)
  const format = options.output as AnswerFormat
  const { model } = await readModel(context)
  const explanation = explain(model, { source: from, destination: to, protocol, port })
  const show = { text: explanationText, json: explanationJson, markdown: explanationMarkdown }[format]
  output.result(show({ from, to, protocol, port }, explanation))
  return exitCodes.asExpected
}
