import type { DirectionVerdict } from '../evaluate/index.ts'
import { answer, podWalk, unmetCriteria } from '../evaluate/index.ts'
import type { Endpoint } from '../model/index.ts'
import { protocolNumbers } from '../protocol.ts'
import { questionOn } from './ask.ts'
import type { LintContext } from './lint-context.ts'
import { representatives } from './representatives.ts'
import { oncePerPath, type RuleSite, ruleSites } from './rule-site.ts'

/** A rule that allows traffic which the policies of the other end deny, whichever pods are taken. */
export interface OneSided {
  site: RuleSite
  from: Endpoint
  to: Endpoint
  port: string
  denied: DirectionVerdict
}

/**
 * Rules of one direction that name their peers by labels and whose traffic the peers' own policies deny in every case:
 * half of a connection is open, and the other half is not.
 */
export function* oneSided(context: LintContext, direction: RuleSite['direction']): Generator<OneSided> {
  const pods = representatives(context)
  for (const site of oncePerPath(ruleSites(context, { staged: false }))) {
    const { rule, policy, far } = site
    const { selector } = rule.draft[far]
    if (site.direction !== direction || rule.action !== 'allow' || !selector) continue
    const chosen = new Set(context.model.catalog.selected(selector))
    const peers = pods.filter(({ labelClass }) => chosen.has(labelClass))
    const subjects = pods.filter(({ labelClass }) => policy.selects(labelClass.labels))
    const found = firstDenied(context, site, subjects, peers)
    if (found) yield found
  }
}

/** Null where some traffic of the rule passes on the other side too, or where there is none. */
function firstDenied(
  context: LintContext,
  site: RuleSite,
  subjects: Endpoint[],
  peers: Endpoint[],
): OneSided | null {
  const { rule, direction } = site
  const protocol = rule.protocol ?? protocolNumbers.TCP
  let first: OneSided | null = null
  for (const subject of subjects)
    for (const peer of peers) {
      const [from, to] = direction === 'ingress' ? [peer, subject] : [subject, peer]
      const port = portFor(site, to)
      const question = questionOn(context.model, { source: from.id, destination: to.id, protocol, port })
      const asked = question && podWalk(question[direction])
      if (!asked || unmetCriteria(rule, asked.packet, asked.ends).length > 0) continue
      const verdict = answer(context.model, question!)
      const other = direction === 'ingress' ? verdict.egress : verdict.ingress
      if (other!.verdict !== 'denied') return null
      first ??= { site, from, to, port: String(port), denied: other! }
    }
  return first
}

/** A port that the rule allows at this pod. */
function portFor({ rule }: RuleSite, { ports }: Endpoint): number {
  const [range] = rule.destination.ports
  if (range) return range.first
  const [name] = rule.draft.destination.ports ?? []
  return ports.find((port) => port.name === name)?.port ?? ports[0]?.port ?? 80
}
