import { selectBackend } from '../../cluster/index.ts'
import { exitCodes } from '../../errors.ts'
import type { CommandHandler } from '../command.ts'
import { clusterSpec } from './new-cluster.ts'
import { defaultName } from './running-cluster.ts'

/** Deletes by marks alone, also what a crash left; that nothing is there is as good. */
export const clusterDown: CommandHandler = async ({ options, output, progress }) => {
  const backend = await selectBackend(options.cluster)
  const { name } = clusterSpec(options, { name: options.name ?? defaultName, nodes: 1, detached: true })
  const ran = (await backend.list()).includes(name)
  await progress.step(`deleting ${options.cluster} cluster ${name}`, () => backend.delete(name))
  output.result(ran ? `cluster ${name} is gone` : `no ${options.cluster} cluster named ${name} was running`)
  return exitCodes.asExpected
}
