import { exitCodes } from '../../errors.ts'
import { exposureOf } from '../../policy/index.ts'
import { exposureJson, exposureText } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import type { AnswerFormat } from '../options.ts'
import { demandAddresses, podNetOf, readObjects } from './policy-input.ts'

export const exposure: CommandHandler = async (context) => {
  const { options, output } = context
  const format = options.output as AnswerFormat
  const found = exposureOf(await readObjects(context), { podNet: podNetOf(options.podCidr) })
  demandAddresses(found.problems)
  for (const sentence of found.assumptions) output.status(`note: ${sentence}`)
  output.result(format === 'json' ? exposureJson(found) : exposureText(found, format))
  return exitCodes.asExpected
}
