import type { IpVersion } from '../../cidr.ts'
import { LabError } from '../../errors.ts'
import { type Block, type NodeAddresses, nodeBlock } from './addresses.ts'

const blocksPerNode = 32

/** Addresses of one family for one node's pods, out of its blocks; it claims a new one when the others are full. */
export class Ipam {
  readonly blocks: Block[]
  private readonly used = new Set<string>()
  /** Addresses that nobody has had yet, the next one last. */
  private fresh: string[]
  /** An address that was given back is used again last, as in Calico: a peer may still remember it. */
  private readonly released: string[] = []

  constructor(
    private readonly node: NodeAddresses,
    private readonly family: IpVersion,
    private readonly onBlock: (block: Block) => Promise<void>,
  ) {
    this.blocks = [nodeBlock(node, 0, family)]
    // The first is the VXLAN device's.
    this.fresh = this.blocks[0]!.addresses.slice(1).reverse()
  }

  async allocate(): Promise<string> {
    const address = this.fresh.pop() ?? this.released.shift()
    if (address) {
      this.used.add(address)
      return address
    }
    await this.claimBlock()
    return this.allocate()
  }

  /** Gives an address to a pod that has it already, with the blocks up to its own, whose routes are there. */
  take(address: string): void {
    while (!this.blocks.some(({ addresses }) => addresses.includes(address))) {
      if (this.blocks.length === blocksPerNode) return
      const block = nodeBlock(this.node, this.blocks.length, this.family)
      this.blocks.push(block)
      this.fresh = [...[...block.addresses].reverse(), ...this.fresh]
    }
    this.fresh = this.fresh.filter((each) => each !== address)
    this.used.add(address)
  }

  /** An address that a pod had before the node went down: rules may still stand for that pod, so it is used again last. */
  retire(address: string): void {
    if (!this.fresh.includes(address)) return
    this.fresh = this.fresh.filter((each) => each !== address)
    this.released.push(address)
  }

  release(address: string): void {
    if (this.used.delete(address)) this.released.push(address)
  }

  private async claimBlock(): Promise<void> {
    if (this.blocks.length === blocksPerNode) {
      throw new LabError({
        code: 'cluster-failed',
        message: `${this.node.name} has no free IPv${this.family} pod address left: its ${blocksPerNode} blocks are full`,
      })
    }
    const block = nodeBlock(this.node, this.blocks.length, this.family)
    this.blocks.push(block)
    this.fresh = [...block.addresses].reverse()
    await this.onBlock(block)
  }
}
