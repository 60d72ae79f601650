import { LabError } from '../../errors.ts'
import { type Block, type NodeAddresses, nodeBlock } from './addresses.ts'

const blocksPerNode = 32

/** Addresses of one node's pods, handed out from its blocks; a new block is claimed when the others are full. */
export class Ipam {
  readonly blocks: Block[]
  private readonly used = new Set<string>()
  /** An address that was given back is used again last, as in Calico: a peer may still remember it. */
  private readonly released: string[] = []

  constructor(
    private readonly node: NodeAddresses,
    private readonly onBlock: (block: Block) => Promise<void>,
  ) {
    this.blocks = [nodeBlock(node, 0)]
    this.used.add(this.blocks[0]!.first)
  }

  async allocate(): Promise<string> {
    const fresh = this.blocks.flatMap((block) => block.addresses).find((address) => this.isFresh(address))
    const address = fresh ?? this.released.shift()
    if (address) {
      this.used.add(address)
      return address
    }
    await this.claimBlock()
    return this.allocate()
  }

  release(address: string): void {
    if (this.used.delete(address)) this.released.push(address)
  }

  private isFresh(address: string): boolean {
    return !this.used.has(address) && !this.released.includes(address)
  }

  private async claimBlock(): Promise<void> {
    if (this.blocks.length === blocksPerNode) {
      throw new LabError({
        code: 'cluster-failed',
        message: `${this.node.name} has no free pod address left`,
      })
    }
    const block = nodeBlock(this.node, this.blocks.length)
    this.blocks.push(block)
    await this.onBlock(block)
  }
}
