import { parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { spareAddresses } from '../complete/index.ts'
import { addressText, labelNames, type Policy } from '../model/index.ts'
import type { Direction } from '../rules.ts'
import { and, not, type Selector, selectorText, someNode } from '../selector.ts'
import type { LintContext } from './lint-context.ts'
import { directions } from './rule-site.ts'
import { witnesses } from './witness.ts'

/** For imagined pods where the given ones have IPv6 addresses. */
const networkSix = parseCidr('fd5a:1ab::/64')!

/** Most pods that are imagined for one set of policies. */
const most = 1500

/**
 * Pods that do not exist: for every selector of the set some that barely fulfil it, and for selectors whose rules
 * decide differently some that fulfil both. Null where they would be too many to ask about.
 */
export function hypotheticalPods({ model, cluster }: LintContext): KubernetesObject[] | null {
  const policies = model.tiers.flatMap((tier) => tier.policies).filter(({ staged }) => !staged)
  const spare = spareAddresses(cluster.podNetworks[0]!)
  const spareSix = spareAddresses(networkSix)
  const hasSix = model.catalog.endpoints.some(({ addresses }) =>
    addresses.some(({ version }) => version === 6),
  )
  const taken = new Set(model.catalog.endpoints.flatMap(({ addresses }) => addresses.map(addressText)))
  const made = new Map<string, KubernetesObject[]>()
  for (const selector of selectorsOf(policies))
    for (const labels of witnesses(selector)) {
      const key = JSON.stringify([...labels].sort())
      if (made.has(key)) continue
      if (made.size >= most) return null
      let podIP = spare.next().value as string
      while (taken.has(podIP)) podIP = spare.next().value as string
      const podIPs = [{ ip: podIP }, ...(hasSix ? [{ ip: spareSix.next().value as string }] : [])]
      made.set(key, imagine(labels, `imagined-${made.size}`, { podIP, podIPs }))
    }
  return [...made.values()].flat()
}

interface Term {
  selector: Selector
  /** Rules that disagree can hide one another. */
  actions: Set<string>
}

/** Each selector, and with each other one what both choose, or what it alone does. */
function* selectorsOf(policies: Policy[]): Generator<Selector> {
  for (const direction of directions) {
    const governing = policies.filter(({ rules }) => rules[direction] !== null)
    yield* withPairs(termsOf(governing, direction, ({ subject }) => subject))
    yield* withPairs(peerTerms(governing, direction))
  }
}

function* withPairs(terms: Term[]): Generator<Selector> {
  for (const { selector } of terms) yield selector
  for (const one of terms)
    for (const other of terms) {
      if (one === other) continue
      if ([...one.actions].some((action) => !other.actions.has(action)))
        yield and(one.selector, other.selector)
      if (isNegative(other.selector)) yield and(one.selector, not(other.selector))
    }
}

function termsOf(policies: Policy[], direction: Direction, selectorOf: (policy: Policy) => Selector): Term[] {
  const terms = new Map<string, Term>()
  for (const policy of policies)
    addTerm(
      terms,
      selectorOf(policy),
      policy.rules[direction]!.map(({ action }) => action),
    )
  return [...terms.values()]
}

function peerTerms(policies: Policy[], direction: Direction): Term[] {
  const terms = new Map<string, Term>()
  for (const { rules } of policies)
    for (const { action, draft } of rules[direction]!)
      for (const { selector, notSelector } of [draft.source, draft.destination]) {
        if (selector) addTerm(terms, selector, [action])
        if (notSelector) addTerm(terms, notSelector, [action])
      }
  return [...terms.values()]
}

function addTerm(terms: Map<string, Term>, selector: Selector, actions: string[]): void {
  const text = selectorText(selector)
  const term = terms.get(text) ?? { selector, actions: new Set() }
  for (const action of actions) if (action !== 'log') term.actions.add(action)
  terms.set(text, term)
}

/** Whether a selector can be true because a label is missing or another: then its opposite is worth a pod. */
function isNegative(selector: Selector): boolean {
  return someNode(selector, ({ op }) => op === 'not' || op === '!=' || op === 'not in')
}

/** A pod with these effective labels, and the namespace that gives it some of them. */
function imagine(
  labels: Map<string, string>,
  name: string,
  addresses: { podIP: string; podIPs: { ip: string }[] },
): KubernetesObject[] {
  const { namespacePrefix, serviceAccountPrefix } = labelNames
  const ofNamespace = without(labels, namespacePrefix)
  const own = [...labels].filter(
    ([key]) => !key.startsWith(namespacePrefix) && !key.startsWith(serviceAccountPrefix),
  )
  const namespace =
    labels.get(labelNames.namespace) ??
    ofNamespace[labelNames.name] ??
    ofNamespace['kubernetes.io/metadata.name'] ??
    name
  const made = { name: namespace, labels: ofNamespace }
  return [
    ...(namespace === name ? [{ apiVersion: 'v1', kind: 'Namespace', metadata: made }] : []),
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels: Object.fromEntries(own) },
      spec: { serviceAccountName: labels.get(labelNames.serviceAccount), containers: [] },
      status: { ...addresses, phase: 'Running' },
    },
  ]
}

function without(labels: Map<string, string>, prefix: string): Record<string, string> {
  const some = [...labels].filter(([key]) => key.startsWith(prefix))
  return Object.fromEntries(some.map(([key, value]) => [key.slice(prefix.length), value]))
}
