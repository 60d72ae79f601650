import { exitCodes } from '../../errors.ts'
import { listLabs } from '../../lab/index.ts'
import { jsonDocument } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'

export const labList: CommandHandler = async ({ options, output }) => {
  const labs = listLabs()
  const width = Math.max(0, ...labs.map(({ id }) => id.length))
  output.result(
    options.output === 'json'
      ? jsonDocument('LabList', { items: labs })
      : labs
          .map(({ id, level, minutes, title }) => `${id.padEnd(width)}  ${level}, ${minutes} min  ${title}`)
          .join('\n'),
  )
  return exitCodes.asExpected
}
