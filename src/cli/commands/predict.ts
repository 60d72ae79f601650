import { exitCodes, LabError } from '../../errors.ts'
import { connectionMatrix, policyMatrix } from '../../policy/index.ts'
import { connectionsJson, connectionsText, policyMatrixJson, policyMatrixText } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import type { AnswerFormat } from '../options.ts'
import { portsOf, readModel } from './policy-input.ts'

export const predict: CommandHandler = async (context) => {
  const { options, output } = context
  const ports = portsOf(options.ports)
  if (options.allPorts && options.ports !== undefined)
    throw new LabError({
      code: 'bad-input',
      message: '--ports and --all-ports exclude each other',
      hint: 'ztlab predict -f FOLDER --all-ports',
    })
  const format = options.output as AnswerFormat
  const { model } = await readModel(context)
  if (model.pods.size === 0)
    output.status('note: no pods and no workloads are given: there is nobody to speak of')
  const style = { format: format === 'markdown' ? format : 'text', ...output.resultStyle } as const
  if (options.allPorts) {
    const connections = connectionMatrix(model)
    await output.stream(
      format === 'json' ? connectionsJson(connections) : [connectionsText(connections, style)],
    )
  } else {
    const matrix = policyMatrix(model, ports)
    await output.stream(
      format === 'json' ? policyMatrixJson(matrix) : [policyMatrixText(model, matrix, style)],
    )
  }
  return exitCodes.asExpected
}
