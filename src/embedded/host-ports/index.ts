import type { IpVersion } from '../../cidr.ts'
import type { Informer, Programmer } from '../api-client/index.ts'
import { type ApiClient, resources } from '../api-client/index.ts'
import { followRevisions } from '../follow-revisions.ts'
import { type NftNode, NodeTable } from '../node-table.ts'
import { asksForHostPorts, hostPorts } from './host-port.ts'
import { hostPortTable, renderHostPorts } from './render.ts'

export interface HostPortsOptions {
  api: ApiClient
  nodes: NftNode[]
  /** Those of the cluster. */
  families: IpVersion[]
  /** Another process has been here: what it has left of rules is not known. */
  takesOver: boolean
  log: (line: string) => void
}

/** Leads the ports of each node that its pods ask for (`hostPort`) to them, as long as they have an address. */
export function startHostPorts({ api, nodes, families, takesOver, log }: HostPortsOptions): Programmer {
  const current = takesOver ? null : renderHostPorts([], 4, '')
  const tables = nodes.flatMap((node) =>
    families.map((family) => {
      const table = hostPortTable(family)
      return { node, family, kernel: new NodeTable({ component: 'host-ports', node, table, log, current }) }
    }),
  )
  return followRevisions({
    name: 'host-ports',
    api,
    types: [resources.pods],
    // Pods change often, and few have one.
    concerns: ({ object }) => asksForHostPorts(object),
    log,
    program: async ([pods]: Informer[]) => {
      const ports = hostPorts(pods!.list())
      await Promise.all(
        tables.map(({ node, family, kernel }) => kernel.program(renderHostPorts(ports, family, node.name))),
      )
    },
  })
}
