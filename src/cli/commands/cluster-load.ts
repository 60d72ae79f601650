import { exitCodes, LabError } from '../../errors.ts'
import { jsonDocument } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import { backendOf } from './backend-of.ts'
import { runningName } from './running-cluster.ts'

/** Brings an image from an archive or a folder to the nodes of a running cluster. */
export const clusterLoad: CommandHandler = async ({ args, options, output, progress }) => {
  const backend = await backendOf(options)
  if (!backend.load) {
    throw new LabError({
      code: 'unsupported',
      message: `images cannot be loaded into ${options.cluster}`,
      cause: 'its nodes take them from a registry',
      hint: 'docker push IMAGE',
    })
  }
  const name = await runningName(backend, options)
  const images = await backend.load(name, { source: args[0]!, image: options.image }, progress)
  output.result(
    options.output === 'json'
      ? jsonDocument('LoadedImages', { name, cluster: options.cluster, images })
      : images.map((image) => `${image} is on the nodes of ${name}`).join('\n'),
  )
  return exitCodes.asExpected
}
