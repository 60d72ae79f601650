import type { Informer, Programmer } from '../api-client/index.ts'
import { type ApiClient, resources } from '../api-client/index.ts'
import { followRevisions } from '../follow-revisions.ts'
import { renderServices } from './render.ts'
import { virtualPorts } from './virtual-port.ts'

export interface ServicesOptions {
  api: ApiClient
  /** Where `nft -f -` can be run; rejects with what nft said. */
  nodes: { name: string; runNft(script: string): Promise<void> }[]
  log: (line: string) => void
}

/** Keeps the Service rules of every node equal to the Services and their ready endpoints. */
export function startServices({ api, nodes, log }: ServicesOptions): Programmer {
  const inKernel = new Map<string, string>()
  return followRevisions({
    name: 'services',
    api,
    types: [resources.services, resources.endpointSlices],
    log,
    program: async ([services, slices]: Informer[]) => {
      const ports = virtualPorts(services!.list(), slices!.list())
      await Promise.all(
        nodes.map(async (node) => {
          const script = renderServices(ports, node.name)
          if (script === inKernel.get(node.name)) return
          inKernel.delete(node.name)
          await node.runNft(script)
          inKernel.set(node.name, script)
        }),
      )
    },
  })
}
