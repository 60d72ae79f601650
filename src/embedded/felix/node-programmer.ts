import type { LabError } from '../../errors.ts'
import type { RuleTable } from '../../policy/index.ts'
import { diff } from './diff.ts'
import { EndpointFragments } from './fragments.ts'
import { nftRefusal } from './nft-refusal.ts'
import { type RenderOptions, render } from './render.ts'
import type { Rendering } from './rendering.ts'

/** A node as felix sees it: a place where `nft -f -` can be run. */
export interface FelixNode {
  name: string
  /** Runs one script as one transaction; rejects with what nft said. */
  runNft(script: string): Promise<void>
}

/** Keeps one node's table equal to the rule table. One call at a time. */
export class NodeProgrammer {
  /** What the kernel holds; null where that is not known, or nothing was ever programmed. */
  current: Rendering | null = null
  private readonly fragments = new EndpointFragments()

  constructor(
    private readonly node: FelixNode,
    private readonly log: (line: string) => void,
    private readonly options: RenderOptions,
  ) {}

  /** Resolves when the node enforces `table`; rejects with a LabError that names the object nft refused. */
  async program(table: RuleTable): Promise<void> {
    const next = render(table, this.node.name, { ...this.options, fragments: this.fragments })
    const script = diff(this.current, next)
    if (script === '') return
    try {
      await this.node.runNft(script)
    } catch (error) {
      await this.afterRefusal(nftRefusal(this.node.name, script, error), next)
    }
    this.current = next
  }

  /** Writes the whole table once, unless that is what was refused. */
  private async afterRefusal(refusal: LabError, next: Rendering): Promise<void> {
    if (this.current === null) throw refusal
    this.log(`${refusal.message}; writing the whole table instead, its counters start from zero`)
    this.current = null
    const script = diff(null, next)
    try {
      await this.node.runNft(script)
    } catch (error) {
      throw nftRefusal(this.node.name, script, error)
    }
  }
}
