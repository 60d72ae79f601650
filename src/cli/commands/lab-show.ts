import { exitCodes } from '../../errors.ts'
import { loadLab } from '../../lab/index.ts'
import { jsonDocument, textLabIntro, textStepIntro, textStyle } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'

export const labShow: CommandHandler = async ({ args, options, output }) => {
  const lab = loadLab(args[0]!)
  if (options.output === 'json') {
    output.result(jsonDocument('LabPlan', lab))
    return exitCodes.asExpected
  }
  const style = textStyle(output.resultStyle)
  const steps = lab.steps.map((step, index) =>
    [
      textStepIntro(step, { number: index + 1, of: lab.steps.length, style }),
      ...step.apply.map(
        ({ source, yaml }) => `  applies ${source}\n${yaml.trimEnd().replace(/^/gm, '    ')}`,
      ),
    ].join('\n\n'),
  )
  output.result([textLabIntro(lab, style), ...steps].join('\n\n'))
  return exitCodes.asExpected
}
