import type { KubernetesObject } from '../../kubernetes-object.ts'
import { protocolNumber } from '../protocol.ts'
import type { PortRange } from '../rules.ts'
import { and } from '../selector.ts'
import { namespaceTerm, podsOnly } from './from-kubernetes.ts'
import { fromLabelSelector, type LabelSelector } from './label-selector.ts'
import type { PolicyDraft } from './policy.ts'
import type { PeerDraft, PortDraft, RuleDraft } from './rule.ts'

interface Pods {
  /** Every namespace if left out. */
  namespaceSelector?: LabelSelector
  podSelector: LabelSelector
}

interface ClusterPeer {
  namespaces?: LabelSelector
  pods?: Pods
  networks?: string[]
}

interface DestinationPort {
  number?: number
  range?: { start: number; end: number }
}

interface ClusterRule {
  action: 'Accept' | 'Deny' | 'Pass'
  from?: ClusterPeer[]
  to?: ClusterPeer[]
  protocols?: Record<string, { destinationPort: DestinationPort } | string>[]
}

const tiers: Record<string, string> = { Admin: 'kube-admin', Baseline: 'kube-baseline' }
const actions = { Accept: 'allow', Deny: 'deny', Pass: 'pass' } as const

/** A ClusterNetworkPolicy (policy.networking.k8s.io/v1alpha2), as Calico maps it. */
export function fromClusterPolicy(object: KubernetesObject): PolicyDraft {
  const { spec, metadata, apiVersion, kind } = object
  const { namespaces, pods } = spec.subject as { namespaces?: LabelSelector; pods?: Pods }
  const subject = pods ? podsTerm(pods) : and(podsOnly, namespaceTerm(namespaces ?? {}))
  return {
    ref: { apiVersion, kind, namespace: null, name: metadata.name, tier: tiers[spec.tier]! },
    calicoKind: 'KubernetesClusterNetworkPolicy',
    order: spec.priority,
    staged: false,
    subject,
    ingress: spec.ingress?.length ? draftRules(spec.ingress, 'from') : null,
    egress: spec.egress?.length ? draftRules(spec.egress, 'to') : null,
  }
}

function draftRules(rules: ClusterRule[], key: 'from' | 'to'): RuleDraft[] {
  return rules.flatMap((rule, index) => {
    const peers = rule[key]!.map(draftPeer)
    if (peers.includes(null)) return failClosed(rule, index)
    return protocolsOf(rule).flatMap(({ protocol, ports }) =>
      peers.map((peer): RuleDraft => {
        const [source, destination] = key === 'from' ? [peer!, { ports }] : [{}, { ...peer, ports }]
        return { action: actions[rule.action], index, protocol, source, destination }
      }),
    )
  })
}

/** A rule with a peer that cannot be converted: an Accept is dropped, anything else denies everything. */
function failClosed({ action }: ClusterRule, index: number): RuleDraft[] {
  return action === 'Accept' ? [] : [{ action: 'deny', index, source: {}, destination: {} }]
}

function draftPeer({ namespaces, pods, networks }: ClusterPeer): PeerDraft | null {
  if (networks) return { nets: networks }
  if (pods) return { selector: podsTerm(pods) }
  return namespaces ? { selector: namespaceTerm(namespaces) } : null
}

function podsTerm({ namespaceSelector = {}, podSelector }: Pods) {
  return and(podsOnly, fromLabelSelector(podSelector), namespaceTerm(namespaceSelector))
}

function protocolsOf({ protocols = [] }: ClusterRule): { protocol?: number; ports?: PortDraft[] }[] {
  if (protocols.length === 0) return [{}]
  return protocols.map((entry) => {
    const [name, value] = Object.entries(entry)[0]!
    if (typeof value === 'string') return { ports: [value] }
    return { protocol: protocolNumber(name.toUpperCase()), ports: [rangeOf(value.destinationPort)] }
  })
}

/** Admission lets one of both through. */
function rangeOf({ number, range }: DestinationPort): PortRange {
  return range ? { first: range.start, last: range.end } : { first: number!, last: number! }
}
