import { exitCodes, LabError } from '../../errors.ts'
import { jsonDocument } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import { backendOf } from './backend-of.ts'
import { clusterSpec } from './new-cluster.ts'
import { defaultName } from './running-cluster.ts'

export const clusterUp: CommandHandler = async ({ options, output, progress, signal }) => {
  const backend = await backendOf(options)
  const spec = clusterSpec(options, { name: options.name ?? defaultName, nodes: 2, detached: true })
  const cluster = await backend.create(spec, progress, signal)
  const nodes = await cluster.nodes()
  await cluster.close()
  // Who interrupts after it came up, but before it is told, wants none.
  if (signal.aborted) {
    await backend.delete(cluster.name)
    throw new LabError({ code: 'interrupted', message: 'interrupted while the cluster came up' })
  }
  if (options.output === 'json') {
    output.result(jsonDocument('Cluster', { name: cluster.name, cluster: cluster.backend, nodes }))
    return exitCodes.asExpected
  }
  const choice = `--cluster ${cluster.backend} --name ${cluster.name}`
  output.result(
    [
      `cluster ${cluster.name} (${cluster.backend}) is up: ${nodes.map(({ name }) => name).join(', ')}`,
      '',
      `  ztlab cluster kubeconfig ${choice} > kubeconfig   # then: kubectl --kubeconfig kubeconfig get pods -A`,
      `  ztlab cluster shell ${choice}`,
      `  ztlab cluster down ${choice}`,
    ].join('\n'),
  )
  return exitCodes.asExpected
}
