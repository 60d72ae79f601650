import type { KubernetesObject } from '../../kubernetes-object.ts'
import { protocolNumber } from '../protocol.ts'
import type { RuleAction } from '../rules.ts'
import { and, equals, not, prefixLabels, rewriteSelector, type Selector, selectorText } from '../selector.ts'
import { parseSelector } from '../selector-parser.ts'
import { labelNames } from './endpoint.ts'
import type { CalicoKind, PolicyDraft } from './policy.ts'
import type { IcmpMatch, PeerDraft, PortDraft, RuleDraft } from './rule.ts'

interface EntityRule {
  selector?: string
  notSelector?: string
  namespaceSelector?: string
  serviceAccounts?: { names?: string[]; selector?: string }
  services?: { name: string; namespace?: string }
  nets?: string[]
  notNets?: string[]
  ports?: (number | string)[]
  notPorts?: (number | string)[]
}

interface CalicoRule {
  action: string
  ipVersion?: 4 | 6
  protocol?: number | string
  notProtocol?: number | string
  icmp?: IcmpMatch
  notICMP?: IcmpMatch
  source?: EntityRule
  destination?: EntityRule
}

/** A Calico NetworkPolicy or GlobalNetworkPolicy, or the staged form of one, with defaults applied. */
export function fromCalicoPolicy(object: KubernetesObject): PolicyDraft {
  const { spec, metadata, apiVersion, kind } = object
  const namespace = metadata.namespace ?? null
  const types: string[] = spec.types
  const draft = (rules: CalicoRule[] | undefined, egress: boolean) =>
    (rules ?? []).map((rule, index) => draftRule(rule, index, { namespace, egress }))
  return {
    ref: { apiVersion, kind, namespace, name: metadata.name, tier: spec.tier },
    calicoKind: kind as CalicoKind,
    order: spec.order ?? Number.POSITIVE_INFINITY,
    staged: kind.startsWith('Staged'),
    stage: spec.doNotTrack ? 'untracked' : spec.preDNAT ? 'pre-dnat' : 'normal',
    onForward: spec.applyOnForward,
    subject: namespace === null ? globalSubject(spec) : namespacedSubject(spec, namespace),
    ingress: types.includes('Ingress') ? draft(spec.ingress, false) : null,
    egress: types.includes('Egress') ? draft(spec.egress, true) : null,
  }
}

interface SubjectSpec {
  selector?: string
  namespaceSelector?: string
  serviceAccountSelector?: string
}

function namespacedSubject(spec: SubjectSpec, namespace: string): Selector {
  const own = and(parse(spec.selector ?? ''), equals(labelNames.namespace, namespace))
  if (!spec.serviceAccountSelector) return own
  return and(own, prefixLabels(parse(spec.serviceAccountSelector), labelNames.serviceAccountPrefix))
}

/**
 * Calico joins the selectors as text and then replaces the very text `all()`, so `all( )` in the policy's own
 * selector stays as it is and goes on selecting HostEndpoints.
 */
function globalSubject(spec: SubjectSpec): Selector {
  const { namespacePrefix, serviceAccountPrefix, namespace, serviceAccount } = labelNames
  let text = spec.selector ?? ''
  if (spec.namespaceSelector)
    text = attach(text, spec.namespaceSelector, namespacePrefix).replaceAll('all()', `has(${namespace})`)
  if (spec.serviceAccountSelector)
    text = attach(text, spec.serviceAccountSelector, serviceAccountPrefix).replaceAll(
      'all()',
      `has(${serviceAccount})`,
    )
  return parse(text)
}

function attach(current: string, added: string, prefix: string): string {
  const text = selectorText(prefixLabels(parse(added), prefix))
  return current.trim() === '' ? text : `(${current}) && ${text}`
}

interface RuleContext {
  /** Of the policy; null for a global one. */
  namespace: string | null
  egress: boolean
}

function draftRule(rule: CalicoRule, index: number, { namespace, egress }: RuleContext): RuleDraft {
  const { protocol, notProtocol } = rule
  return {
    action: rule.action.toLowerCase() as RuleAction,
    index,
    ipVersion: rule.ipVersion ?? impliedVersion(protocol),
    protocol: protocol === undefined ? undefined : protocolNumber(protocol),
    notProtocol: notProtocol === undefined ? undefined : protocolNumber(notProtocol),
    icmp: rule.icmp?.type === undefined ? undefined : rule.icmp,
    notIcmp: rule.notICMP?.type === undefined ? undefined : rule.notICMP,
    source: draftPeer(rule.source ?? {}, namespace, false),
    destination: draftPeer(rule.destination ?? {}, namespace, egress),
  }
}

/** By name, ICMP is IPv4's and ICMPv6 is IPv6's; by number they are neither. */
function impliedVersion(protocol: number | string | undefined): 4 | 6 | undefined {
  if (protocol === 'ICMP') return 4
  return protocol === 'ICMPv6' ? 6 : undefined
}

function draftPeer(rule: EntityRule, namespace: string | null, withServicePorts: boolean): PeerDraft {
  const { services, nets, notNets, ports, notPorts } = rule
  // An empty namespace of a service is not filled in by Calico v3.32: such a rule matches nothing.
  const service = services && {
    name: `${services.namespace ?? ''}/${services.name}`,
    withPorts: withServicePorts,
  }
  return {
    ...peerSelectors(rule, namespace),
    nets,
    notNets,
    ports: ports?.map(draftPort),
    notPorts: notPorts?.map(draftPort),
    service,
  }
}

/** The set an address must be in and the one it must not be in: section "effective peer selector" of Calico's rules. */
function peerSelectors(
  rule: EntityRule,
  namespace: string | null,
): Pick<PeerDraft, 'selector' | 'notSelector'> {
  const negative = rule.notSelector ? parse(rule.notSelector) : undefined
  const positive = joined([serviceAccountTerm(rule), rule.selector ? parse(rule.selector) : undefined])
  const where = namespaceTerm(rule, namespace)
  const limited = where && (positive || negative || rule.namespaceSelector)
  const selector = limited ? joined([where, positive]) : positive
  if (selector && negative) return { selector: and(selector, not(negative)) }
  return { selector, notSelector: negative }
}

function namespaceTerm(rule: EntityRule, namespace: string | null): Selector | undefined {
  if (!rule.namespaceSelector) return namespace === null ? undefined : equals(labelNames.namespace, namespace)
  const known: Selector = { op: 'has', label: labelNames.namespace }
  const prefixed = prefixLabels(parse(rule.namespaceSelector), labelNames.namespacePrefix)
  return rewriteSelector(prefixed, ({ op }) =>
    op === 'all' ? known : op === 'global' ? { op: 'not', operand: known } : undefined,
  )
}

function serviceAccountTerm({ serviceAccounts }: EntityRule): Selector | undefined {
  const { names, selector } = serviceAccounts ?? {}
  return joined([
    selector ? prefixLabels(parse(selector), labelNames.serviceAccountPrefix) : undefined,
    names?.length ? { op: 'in', label: labelNames.serviceAccount, values: names } : undefined,
  ])
}

/** All that are given; unlike `and`, a lone `all()` stays: it means any endpoint known to the cluster. */
function joined(terms: (Selector | undefined)[]): Selector | undefined {
  const given = terms.filter((term) => term !== undefined)
  return given.length === 0 ? undefined : and(...given)
}

function draftPort(port: number | string): PortDraft {
  const text = String(port)
  const [, first, last] = /^(\d+)(?::(\d+))?$/.exec(text) ?? []
  return first === undefined ? text : { first: Number(first), last: Number(last ?? first) }
}

function parse(text: string): Selector {
  const parsed = parseSelector(text)
  if (!parsed.ok) throw new Error(`a selector that validation let through: ${text}`)
  return parsed.selector
}
