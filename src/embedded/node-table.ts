import { type NftTable, nftDiff } from '../kernel/index.ts'

/** A node, where `nft -f -` can be run; rejects with what nft said. */
export interface NftNode {
  name: string
  runNft(script: string): Promise<void>
}

export interface NodeTableOptions {
  /** `services`: how the log calls whose table it is. */
  component: string
  node: NftNode
  /** Family and name of the table: `ip kube-proxy`. */
  table: string
  log: (line: string) => void
  /** What the kernel holds; null where that is not known. */
  current: NftTable | null
}

/** One table of one node; only what changes is written, since sets remember clients. */
export class NodeTable {
  private current: NftTable | null

  constructor(private readonly options: NodeTableOptions) {
    this.current = options.current
  }

  /** Makes the kernel's table equal to `next`; rejects with what nft said. */
  async program(next: NftTable): Promise<void> {
    const { component, node, table, log } = this.options
    const before = this.current
    const script = nftDiff(table, before, next)
    if (script === '') return
    this.current = null
    try {
      await node.runNft(script)
    } catch (error) {
      if (before === null) throw error
      log(`${component}: node ${node.name}: ${error}; writing the whole table instead`)
      await node.runNft(nftDiff(table, null, next))
    }
    this.current = next
  }
}
