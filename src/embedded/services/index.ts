import type { IpVersion } from '../../cidr.ts'
import type { Informer, Programmer } from '../api-client/index.ts'
import { type ApiClient, resources } from '../api-client/index.ts'
import { followRevisions } from '../follow-revisions.ts'
import { type NftNode, NodeTable } from '../node-table.ts'
import { renderServices, serviceTable } from './render.ts'
import { virtualPorts } from './virtual-port.ts'

export interface ServicesOptions {
  api: ApiClient
  nodes: NftNode[]
  /** Those of the cluster. */
  families: IpVersion[]
  log: (line: string) => void
}

/** Keeps the Service rules of every node equal to the Services and their ready endpoints. */
export function startServices({ api, nodes, families, log }: ServicesOptions): Programmer {
  const tables = nodes.flatMap((node) =>
    families.map((family) => {
      const table = serviceTable(family)
      return {
        node,
        family,
        kernel: new NodeTable({ component: 'services', node, table, log, current: null }),
      }
    }),
  )
  return followRevisions({
    name: 'services',
    api,
    types: [resources.services, resources.endpointSlices],
    log,
    program: async ([services, slices]: Informer[]) => {
      const ports = virtualPorts(services!.list(), slices!.list())
      await Promise.all(
        tables.map(({ node, family, kernel }) => kernel.program(renderServices(ports, family, node.name))),
      )
    },
  })
}
