import { labelNames, type Model } from '../model/index.ts'
import type { Selector } from '../selector.ts'

/** Labels that a selector speaks of: those of a pod, and those of its namespace. */
export interface WantedLabels {
  /** The only namespace that will do, if one is named. */
  namespace: string | null
  pod: Record<string, string>
  namespaceLabels: Record<string, string>
}

/** What pods must carry so that some rule of the model means them, each once: one for each way to satisfy a peer. */
export function wantedLabels({ tiers }: Model): WantedLabels[] {
  const policies = tiers.flatMap((tier) => tier.policies.filter(({ staged }) => !staged))
  const selectors = policies.flatMap(({ rules, subject }) => [
    subject,
    ...[...(rules.ingress ?? []), ...(rules.egress ?? [])].flatMap(({ draft }) =>
      [draft.source.selector, draft.destination.selector].filter((selector) => selector !== undefined),
    ),
  ])
  const wanted = selectors.flatMap((selector) => waysToSatisfy(selector).map(sorted))
  return [...new Map(wanted.map((one) => [JSON.stringify(one), one])).values()]
}

type Ways = Record<string, string>[]

/** More ways than these of one selector tell nothing new. */
const mostWays = 16

function sorted(labels: Record<string, string>): WantedLabels {
  const { namespace, namespacePrefix } = labelNames
  const named = [`${namespacePrefix}kubernetes.io/metadata.name`, `${namespacePrefix}${labelNames.name}`]
  const result: WantedLabels = { namespace: null, pod: {}, namespaceLabels: {} }
  for (const [label, value] of Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (label === namespace || named.includes(label)) result.namespace = value
    else if (label.startsWith(namespacePrefix))
      result.namespaceLabels[label.slice(namespacePrefix.length)] = value
    else if (!isForced(label)) result.pod[label] = value
  }
  return result
}

/** Labels that nobody gives a pod by hand, and those of service accounts. */
function isForced(label: string): boolean {
  return label.startsWith('projectcalico.org/') || label.startsWith(labelNames.serviceAccountPrefix)
}

function waysToSatisfy(selector: Selector): Ways {
  switch (selector.op) {
    case 'has':
      return [isForced(selector.label) ? {} : { [selector.label]: 'any' }]
    case '==':
    case 'contains':
    case 'starts with':
    case 'ends with':
      return [{ [selector.label]: selector.value }]
    case 'in':
      return selector.values.map((value) => ({ [selector.label]: value })).slice(0, mostWays)
    case 'or':
      return selector.operands.flatMap(waysToSatisfy).slice(0, mostWays)
    case 'and':
      return selector.operands.reduce<Ways>(
        (ways, operand) =>
          ways
            .flatMap((way) => waysToSatisfy(operand).map((more) => ({ ...way, ...more })))
            .slice(0, mostWays),
        [{}],
      )
    default:
      // What must not be there is not there.
      return [{}]
  }
}
