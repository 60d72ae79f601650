import { LabError, messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { buildModel, lower, type RuleTable } from '../../policy/index.ts'
import { type ApiClient, type Informer, type Programmer, resources } from '../api-client/index.ts'
import type { CounterMeaning } from './counter-name.ts'
import { type FelixNode, NodeProgrammer } from './node-programmer.ts'

export interface FelixOptions {
  api: ApiClient
  nodes: FelixNode[]
  log: (line: string) => void
  /** From API objects to rules. Default: the policy engine. */
  compile?: (objects: KubernetesObject[]) => RuleTable
  /** Default: the process's own; see `emptyVariable`. */
  env?: NodeJS.ProcessEnv
}

export interface Felix extends Programmer {
  /** What the counters of a node's table stand for, by their names in nftables. */
  counters(node: string): ReadonlyMap<string, CounterMeaning>
}

/** Set to 1, felix renders a table that accepts everything: the proof that packets are decided by its rules. */
const emptyVariable = 'ZTLAB_TEST_EMPTY_FELIX'

const watched = [
  resources.namespaces,
  resources.nodes,
  resources.pods,
  resources.serviceAccounts,
  resources.endpointSlices,
  resources.networkPolicies,
  resources.calicoNetworkPolicies,
  resources.globalNetworkPolicies,
  resources.tiers,
]

/**
 * Keeps the nodes' tables equal to what the API objects say. Changes that arrive while one is being programmed are
 * taken together afterwards. Where nft refuses a table even as a whole, `programmed` rejects until a later change
 * has been programmed.
 */
export function startFelix(options: FelixOptions): Felix {
  return new RunningFelix(options)
}

interface Waiter {
  revision: number
  resolve: () => void
  reject: (error: unknown) => void
}

class RunningFelix implements Felix {
  private readonly informers: Informer[]
  private readonly programmers: Map<string, NodeProgrammer>
  private readonly unsubscribe: () => void
  private readonly waiters = new Set<Waiter>()
  private synced = false
  private stopped = false
  /** Something changed since the last compilation. */
  private changed = true
  /** Revision the log has come to, and the one in force. */
  private known = 0
  private inForce = 0
  private failure: { revision: number; error: unknown } | null = null
  private working: Promise<void> | null = null
  private warnings = ''

  constructor(private readonly options: FelixOptions) {
    const { api, nodes, log, env = process.env } = options
    const empty = env[emptyVariable] === '1'
    if (empty) log(`felix: ${emptyVariable}=1: every packet is accepted, no policy is enforced`)
    this.programmers = new Map(nodes.map((node) => [node.name, new NodeProgrammer(node, log, { empty })]))
    this.informers = watched.map((type) =>
      api.inform(type, () => {
        this.changed = true
      }),
    )
    this.unsubscribe = api.onRevision((revision) => this.advance(revision))
    void Promise.all(this.informers.map((informer) => informer.synced)).then(() => {
      this.synced = true
      this.advance(api.revision)
    })
  }

  counters(node: string): ReadonlyMap<string, CounterMeaning> {
    return this.programmers.get(node)?.current?.counters ?? new Map()
  }

  programmed(revision: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiters.add({ revision, resolve, reject })
      this.answerWaiters()
    })
  }

  async stop(): Promise<void> {
    this.stopped = true
    this.unsubscribe()
    for (const informer of this.informers) informer.stop()
    await this.working
    this.answerWaiters()
  }

  private advance(revision: number): void {
    this.known = Math.max(this.known, revision)
    if (!this.synced || this.stopped || this.working || this.known <= this.inForce) return
    this.working = this.work()
  }

  private async work(): Promise<void> {
    let attempted = 0
    while (!this.stopped && this.known > Math.max(this.inForce, attempted)) {
      attempted = this.known
      await this.catchUp(attempted)
      this.answerWaiters()
    }
    // In the same turn as the loop's last look at what is known: a revision that comes later starts anew.
    this.working = null
  }

  private async catchUp(revision: number): Promise<void> {
    try {
      if (this.changed) await this.program()
      this.inForce = revision
      this.failure = null
    } catch (error) {
      this.changed = true
      this.failure = { revision, error }
      this.options.log(`felix: revision ${revision} is not in force: ${messageOf(error)}`)
    }
  }

  private async program(): Promise<void> {
    this.changed = false
    const objects = this.informers.flatMap((informer) => informer.list())
    const table = this.options.compile?.(objects) ?? this.compile(objects)
    const outcomes = await Promise.allSettled(
      [...this.programmers.values()].map((programmer) => programmer.program(table)),
    )
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed) throw failed.reason
  }

  private compile(objects: KubernetesObject[]): RuleTable {
    const model = buildModel(objects)
    const warnings = model.unsupported.join('\n')
    if (warnings !== this.warnings) for (const line of model.unsupported) this.options.log(`felix: ${line}`)
    this.warnings = warnings
    return lower(model)
  }

  private answerWaiters(): void {
    for (const waiter of this.waiters) {
      if (waiter.revision <= this.inForce) waiter.resolve()
      else if (this.failure && waiter.revision <= this.failure.revision) waiter.reject(this.failure.error)
      else if (this.stopped)
        waiter.reject(new LabError({ code: 'interrupted', message: 'felix has been stopped' }))
      else continue
      this.waiters.delete(waiter)
    }
  }
}
