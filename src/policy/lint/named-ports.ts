import type { Endpoint } from '../model/index.ts'
import type { Path } from './finding.ts'
import type { LintContext } from './lint-context.ts'
import { endpointsOf, isInNets } from './peers.ts'
import type { RuleSite } from './rule-site.ts'

/** A port name in a rule. */
export interface NamedPortSite {
  site: RuleSite
  name: string
  path: Path
}

/** Each port name of each rule once, however many rules of the model the YAML's one rule became. */
export function* oncePerPort(sites: Iterable<RuleSite>): Generator<NamedPortSite> {
  const seen = new Set<string>()
  for (const site of sites)
    for (const name of site.rule.draft.destination.ports ?? []) {
      if (typeof name !== 'string') continue
      const key = `${site.policy.id} ${site.path.join('.')} ${name}`
      if (seen.has(key)) continue
      seen.add(key)
      yield { site, name, path: portPath(site, name) }
    }
}

/** Endpoints that a rule's traffic may arrive at: the policy's own for ingress, the peers' for egress. */
export function destinationEndpoints(
  context: LintContext,
  { policy, direction, rule }: RuleSite,
): Endpoint[] {
  const { selector } = rule.draft.destination
  const { nets } = rule.destination
  const all = selector ? endpointsOf(context, selector) : context.model.catalog.endpoints
  return all
    .filter((endpoint) => nets.length === 0 || isInNets(endpoint, nets))
    .filter(({ labelClass }) => direction === 'egress' || policy.selects(labelClass.labels))
}

/** Kubernetes lists ports beside the peers, Calico inside the destination. */
function portPath({ linted, rule, path }: RuleSite, name: string): Path {
  const written = linted.admitted.spec[path[1]!][rule.index]
  const ports: unknown[] = written.ports ?? []
  const index = ports.findIndex((entry) => (entry as { port?: unknown }).port === name)
  if (index !== -1) return [...path, 'ports', index, 'port']
  const inDestination = (written.destination?.ports ?? []).indexOf(name)
  return inDestination === -1 ? path : [...path, 'destination', 'ports', inDestination]
}
