import { exitCodes } from '../../errors.ts'
import type { CommandHandler } from '../command.ts'
import { backendOf } from './backend-of.ts'
import { clusterSpec } from './new-cluster.ts'
import { defaultName } from './running-cluster.ts'

/** Deletes by marks alone, also what a crash left; that nothing is there is as good. */
export const clusterDown: CommandHandler = async ({ options, output, progress }) => {
  const backend = await backendOf(options)
  if (!backend.creates) {
    await progress.step(`deleting what runs left in ${options.cluster}`, () =>
      backend.delete(options.cluster),
    )
    output.result(`nothing of ztlab is left in ${options.cluster}; the cluster itself stays`)
    return exitCodes.asExpected
  }
  const { name } = clusterSpec(options, { name: options.name ?? defaultName, nodes: 1, detached: true })
  const ran = (await backend.list()).includes(name)
  await progress.step(`deleting ${options.cluster} cluster ${name}`, () => backend.delete(name))
  output.result(ran ? `cluster ${name} is gone` : `no ${options.cluster} cluster named ${name} was running`)
  return exitCodes.asExpected
}
