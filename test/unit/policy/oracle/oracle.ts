import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { isSix } from './bits.ts'
import { calicoMatches, selectsSubject } from './calico.ts'
import { clusterMatches, selectsClusterSubject } from './cluster-policy.ts'
import { kubernetesMatches, selectsPod } from './kubernetes.ts'
import { travel } from './travel.ts'
import { addressIn, type Owner, type World } from './world.ts'

export interface Packet {
  source: string
  destination: string
  protocol: string
  port: number
  icmp: { type: number; code: number }
}

export interface OracleFlow {
  /** A pod's `namespace/name`, or an address. */
  from: string
  to: string
  protocol: string
  port: number
  icmp: { type: number; code: number }
  viaService: boolean
  six: boolean
}

export type Direction = 'ingress' | 'egress'

/** What stands at either end: null where no pod is asked and no host denies. */
export interface Answer {
  egress: boolean | null
  ingress: boolean | null
}

type Action = 'allow' | 'deny' | 'pass'

/**
 * The verdict on a flow, found by reading every policy anew: nothing is prepared, nothing is shared with the
 * engine. Written from the description of Calico v3.32. With `pending`, as if staged policies were enforced.
 */
export function decide(world: World, flow: OracleFlow, pending = false): Answer {
  const effective = { ...world, policies: world.policies.filter((policy) => takesEffect(policy, pending)) }
  return decideAmong(effective, flow)
}

function takesEffect({ kind, spec }: KubernetesObject, pending: boolean): boolean {
  return !kind.startsWith('Staged') || (pending && spec.stagedAction !== 'Delete')
}

function decideAmong(world: World, flow: OracleFlow): Answer {
  const from = locate(world, flow.from, flow.six)
  const to = locate(world, flow.to, flow.six)
  if (flow.from === flow.to && !flow.viaService && from.pod) return { egress: null, ingress: null }
  const packet = { ...flow, source: from.address, destination: to.address }
  return travel(world, { from, to, packet })
}

/** Where an end of a flow is; with neither pod nor node it is outside. */
export interface Location {
  address: string
  pod?: Owner
  /** Of a host-network pod, or of an address that a node has itself. */
  node?: string
}

function locate(world: World, text: string, six: boolean): Location {
  const pod = world.owners.find(
    ({ type, namespace, name }) => type === 'pod' && `${namespace}/${name}` === text,
  )
  if (pod) return { pod, address: addressIn(pod.addresses, six) }
  const host = world.hosts.find(({ id }) => id === text)
  if (host) return { node: host.node, address: addressIn(host.addresses, six) }
  const hep = world.owners.find(({ type, addresses }) => type === 'host' && addresses.includes(text))
  const own = world.nodes.find(({ addresses }) => addresses.includes(text))
  const node = hep?.node ?? own?.name
  return node === undefined ? { address: text } : { node, address: text }
}

/** What a pod's policies do to a packet. */
export function podAllows(world: World, pod: Owner, direction: Direction, packet: Packet): boolean {
  const policies = world.policies.filter(({ spec }) => !spec.doNotTrack && !spec.preDNAT)
  return (walkTiers(world, pod, { direction, packet, policies, endsPass: false }) ?? 'allow') === 'allow'
}

export interface TierWalk {
  direction: Direction
  packet: Packet
  policies: KubernetesObject[]
  /** No tier denies at its end. */
  endsPass: boolean
}

/** What the tiers say in the end; null where none of them says anything final. */
export function walkTiers(world: World, owner: Owner, walk: TierWalk): 'allow' | 'deny' | null {
  const { direction, packet, endsPass } = walk
  for (const tier of tierNames(world)) {
    const policies = walk.policies
      .filter((policy) => tierOf(policy) === tier)
      .filter((policy) => governs(policy, direction) && selects(policy, owner))
      .sort(byOrder)
    if (policies.length === 0) continue
    const action = policies
      .map((policy) => firstAction(world, policy, direction, packet))
      .find((one) => one !== null)
    if (action === 'allow' || action === 'deny') return action
    if (!action && !endsPass && !passesAtEnd(world, tier)) return 'deny'
  }
  return null
}

const fixed: Record<string, [number, string]> = {
  'kube-admin': [1000, 'Pass'],
  default: [1e6, 'Deny'],
  'kube-baseline': [1e7, 'Pass'],
}

function tierNames(world: World): string[] {
  const own = world.tiers.map(({ metadata, spec }) => [metadata.name, spec.order ?? 1e6] as const)
  const all = [...own, ...Object.entries(fixed).map(([name, [order]]) => [name, order] as const)]
  return all.sort(([a, orderA], [b, orderB]) => orderA - orderB || (a < b ? -1 : 1)).map(([name]) => name)
}

function passesAtEnd(world: World, tier: string): boolean {
  const own = world.tiers.find(({ metadata }) => metadata.name === tier)
  return (own ? own.spec.defaultAction : fixed[tier]![1]) === 'Pass'
}

function isKubernetes({ apiVersion, kind }: KubernetesObject): boolean {
  return apiVersion === 'networking.k8s.io/v1' || kind === 'StagedKubernetesNetworkPolicy'
}

function isCluster({ kind }: KubernetesObject): boolean {
  return kind === 'ClusterNetworkPolicy'
}

function tierOf(policy: KubernetesObject): string {
  if (isCluster(policy)) return policy.spec.tier === 'Admin' ? 'kube-admin' : 'kube-baseline'
  return (isKubernetes(policy) ? null : policy.spec.tier) ?? 'default'
}

function governs(policy: KubernetesObject, direction: Direction): boolean {
  const { ingress = [], egress = [], types, policyTypes } = policy.spec
  const name = direction === 'ingress' ? 'Ingress' : 'Egress'
  if (isCluster(policy)) return (direction === 'ingress' ? ingress : egress).length > 0
  if (isKubernetes(policy))
    return policyTypes ? policyTypes.includes(name) : direction === 'ingress' || egress.length > 0
  if (types) return types.includes(name)
  return direction === 'egress' ? egress.length > 0 : ingress.length > 0 || egress.length === 0
}

function selects(policy: KubernetesObject, owner: Owner): boolean {
  const isPod = owner.type === 'pod'
  if (isKubernetes(policy)) return isPod && selectsPod(policy, owner)
  return isCluster(policy) ? isPod && selectsClusterSubject(policy, owner) : selectsSubject(policy, owner)
}

function byOrder(a: KubernetesObject, b: KubernetesObject): number {
  const order = (policy: KubernetesObject): number =>
    isKubernetes(policy)
      ? 1000
      : isCluster(policy)
        ? policy.spec.priority
        : (policy.spec.order ?? Number.MAX_VALUE)
  const kind = (policy: KubernetesObject) =>
    policy.apiVersion === 'networking.k8s.io/v1'
      ? 'KubernetesNetworkPolicy'
      : isCluster(policy)
        ? 'KubernetesClusterNetworkPolicy'
        : policy.kind
  const tie = (policy: KubernetesObject) =>
    `${policy.metadata.name}/${policy.metadata.namespace ?? ''}/${kind(policy)}`
  return order(a) - order(b) || (tie(a) < tie(b) ? -1 : 1)
}

function firstAction(
  world: World,
  policy: KubernetesObject,
  direction: Direction,
  packet: Packet,
): Action | null {
  for (const rule of policy.spec[direction] ?? []) {
    if (isKubernetes(policy)) {
      if (kubernetesMatches(world, { policy, rule, direction, packet })) return 'allow'
    } else if (isCluster(policy)) {
      if (clusterMatches(world, rule, direction, packet))
        return ({ Accept: 'allow', Deny: 'deny', Pass: 'pass' } as const)[rule.action as 'Accept']
    } else if (rule.action !== 'Log' && calicoMatches(world, { policy, rule, packet }))
      return rule.action.toLowerCase()
  }
  return null
}

export function family(packet: Packet): 4 | 6 {
  return isSix(packet.destination) ? 6 : 4
}
