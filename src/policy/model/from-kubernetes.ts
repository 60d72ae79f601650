import type { KubernetesObject } from '../../kubernetes-object.ts'
import { protocolNumber } from '../protocol.ts'
import { and, equals, everything, prefixLabels, type Selector } from '../selector.ts'
import { labelNames } from './endpoint.ts'
import { fromLabelSelector, type LabelSelector } from './label-selector.ts'
import type { PolicyDraft } from './policy.ts'
import type { PeerDraft, PortDraft, RuleDraft } from './rule.ts'

interface NetworkPolicyPeer {
  podSelector?: LabelSelector
  namespaceSelector?: LabelSelector
  ipBlock?: { cidr: string; except?: string[] }
}

interface NetworkPolicyPort {
  protocol?: string
  port?: number | string
  endPort?: number
}

/** Where Kubernetes policies stand among Calico's of the tier `default`. */
const kubernetesOrder = 1000

/** Keeps Kubernetes' selectors away from HostEndpoints and network sets. */
export const podsOnly = equals(labelNames.orchestrator, 'k8s')

/** A networking.k8s.io NetworkPolicy, or Calico's staged form of one, with defaults applied. */
export function fromKubernetesPolicy(object: KubernetesObject): PolicyDraft {
  const { spec, metadata, apiVersion, kind } = object
  const namespace = metadata.namespace!
  const staged = kind === 'StagedKubernetesNetworkPolicy'
  const types: string[] = spec.policyTypes
  return {
    ref: { apiVersion, kind, namespace, name: metadata.name, tier: 'default' },
    calicoKind: staged ? 'StagedKubernetesNetworkPolicy' : 'KubernetesNetworkPolicy',
    order: kubernetesOrder,
    staged,
    subject: and(podsOnly, fromLabelSelector(spec.podSelector), equals(labelNames.namespace, namespace)),
    ingress: types.includes('Ingress') ? draftRules(spec.ingress, 'from', namespace) : null,
    egress: types.includes('Egress') ? draftRules(spec.egress, 'to', namespace) : null,
  }
}

/** The labels a namespace selector speaks of, as endpoints inherit them; an empty one means any namespace. */
export function namespaceTerm(selector: LabelSelector): Selector {
  const term = prefixLabels(fromLabelSelector(selector), labelNames.namespacePrefix)
  return term.op === 'all' ? { op: 'has', label: labelNames.namespace } : term
}

/** One draft per protocol (by name) and peer, as Calico converts them. */
function draftRules(
  rules: { from?: NetworkPolicyPeer[]; to?: NetworkPolicyPeer[]; ports?: NetworkPolicyPort[] }[] = [],
  key: 'from' | 'to',
  namespace: string,
): RuleDraft[] {
  return rules.flatMap((rule, index) => {
    const peers = rule[key]?.length ? rule[key].map((peer) => draftPeer(peer, namespace)) : [{}]
    return portsByProtocol(rule.ports ?? []).flatMap(({ protocol, ports }) =>
      peers.map((peer): RuleDraft => {
        const [source, destination] = key === 'from' ? [peer, { ports }] : [{}, { ...peer, ports }]
        return { action: 'allow', index, protocol, source, destination }
      }),
    )
  })
}

function draftPeer(
  { ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer,
  namespace: string,
): PeerDraft {
  if (ipBlock) return { nets: [ipBlock.cidr], notNets: ipBlock.except }
  const where = namespaceSelector ? namespaceTerm(namespaceSelector) : equals(labelNames.namespace, namespace)
  return { selector: and(podsOnly, podSelector ? fromLabelSelector(podSelector) : everything, where) }
}

function portsByProtocol(ports: NetworkPolicyPort[]): { protocol?: number; ports?: PortDraft[] }[] {
  if (ports.length === 0) return [{}]
  const names = [...new Set(ports.map(({ protocol }) => protocol ?? 'TCP'))].sort()
  return names.map((name) => {
    const entries = ports.filter(({ protocol }) => (protocol ?? 'TCP') === name)
    const every = entries.some(({ port }) => port === undefined)
    return { protocol: protocolNumber(name), ports: every ? [] : entries.map(draftPort) }
  })
}

function draftPort({ port, endPort }: NetworkPolicyPort): PortDraft {
  return typeof port === 'number' ? { first: port, last: endPort ?? port } : String(port)
}
