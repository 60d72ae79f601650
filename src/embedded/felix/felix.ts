import type { KubernetesObject } from '../../kubernetes-object.ts'
import { buildModel, lower, type RuleTable } from '../../policy/index.ts'
import { type ApiClient, type Programmer, resources } from '../api-client/index.ts'
import { followRevisions } from '../follow-revisions.ts'
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
  resources.stagedNetworkPolicies,
  resources.stagedGlobalNetworkPolicies,
  resources.stagedKubernetesNetworkPolicies,
  resources.clusterNetworkPolicies,
  resources.tiers,
  resources.ipPools,
  resources.hostEndpoints,
  resources.felixConfigurations,
  resources.networkSets,
  resources.globalNetworkSets,
]

/**
 * Keeps the nodes' tables equal to what the API objects say. Changes that arrive while one is being programmed are
 * taken together afterwards. Where nft refuses a table even as a whole, `programmed` rejects until a later change
 * has been programmed.
 */
export function startFelix(options: FelixOptions): Felix {
  return new RunningFelix(options)
}

class RunningFelix implements Felix {
  private readonly programmers: Map<string, NodeProgrammer>
  private readonly follower: Programmer
  private warnings = ''

  constructor(private readonly options: FelixOptions) {
    const { api, nodes, log, env = process.env } = options
    const empty = env[emptyVariable] === '1'
    if (empty) log(`felix: ${emptyVariable}=1: every packet is accepted, no policy is enforced`)
    this.programmers = new Map(nodes.map((node) => [node.name, new NodeProgrammer(node, log, { empty })]))
    this.follower = followRevisions({
      name: 'felix',
      api,
      types: watched,
      program: (informers) => this.program(informers.flatMap((informer) => informer.list())),
      log,
    })
  }

  counters(node: string): ReadonlyMap<string, CounterMeaning> {
    return this.programmers.get(node)?.current?.counters ?? new Map()
  }

  programmed(revision: number): Promise<void> {
    return this.follower.programmed(revision)
  }

  stop(): Promise<void> {
    return this.follower.stop()
  }

  private async program(objects: KubernetesObject[]): Promise<void> {
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
}
