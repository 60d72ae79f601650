import type { IpVersion } from '../../cidr.ts'
import { type NftTable, nftDiff } from '../../kernel/index.ts'
import type { Informer, Programmer } from '../api-client/index.ts'
import { type ApiClient, resources } from '../api-client/index.ts'
import { followRevisions } from '../follow-revisions.ts'
import { renderServices, serviceTable } from './render.ts'
import { virtualPorts } from './virtual-port.ts'

export interface ServicesOptions {
  api: ApiClient
  /** Where `nft -f -` can be run; rejects with what nft said. */
  nodes: ServiceNode[]
  /** Those of the cluster. */
  families: IpVersion[]
  log: (line: string) => void
}

interface ServiceNode {
  name: string
  runNft(script: string): Promise<void>
}

/** Keeps the Service rules of every node equal to the Services and their ready endpoints. */
export function startServices({ api, nodes, families, log }: ServicesOptions): Programmer {
  const tables = nodes.flatMap((node) => families.map((family) => new NodeTable(node, family, log)))
  return followRevisions({
    name: 'services',
    api,
    types: [resources.services, resources.endpointSlices],
    log,
    program: async ([services, slices]: Informer[]) => {
      const ports = virtualPorts(services!.list(), slices!.list())
      await Promise.all(
        tables.map((table) => table.program(renderServices(ports, table.family, table.node.name))),
      )
    },
  })
}

/** One table of one node; only what changes is written, since sets remember clients. */
class NodeTable {
  /** What the kernel holds; null where that is not known. */
  private current: NftTable | null = null

  constructor(
    readonly node: ServiceNode,
    readonly family: IpVersion,
    private readonly log: (line: string) => void,
  ) {}

  async program(next: NftTable): Promise<void> {
    const before = this.current
    const script = nftDiff(serviceTable(this.family), before, next)
    if (script === '') return
    this.current = null
    try {
      await this.node.runNft(script)
    } catch (error) {
      if (before === null) throw error
      this.log(`services: node ${this.node.name}: ${error}; writing the whole table instead`)
      await this.node.runNft(nftDiff(serviceTable(this.family), null, next))
    }
    this.current = next
  }
}
