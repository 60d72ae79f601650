import { backendNames, selectBackend } from '../../cluster/index.ts'
import { exitCodes, messageOf } from '../../errors.ts'
import { jsonDocument } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'

export const clusterList: CommandHandler = async ({ options, output }) => {
  const lists = await Promise.all(
    backendNames.map(async (kind) => {
      const names = await (await selectBackend(kind)).list().catch((error: unknown) => {
        output.detail(`${kind}: ${messageOf(error)}`)
        return []
      })
      return names.map((name) => ({ name, cluster: kind }))
    }),
  )
  const clusters = lists.flat()
  if (options.output === 'json') output.result(jsonDocument('ClusterList', { items: clusters }))
  else if (clusters.length === 0) output.status('no cluster is running; ztlab cluster up makes one')
  else output.result(clusters.map(({ name, cluster }) => `${cluster}\t${name}`).join('\n'))
  return exitCodes.asExpected
}
