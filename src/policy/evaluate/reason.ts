import { describePolicy } from '../model/index.ts'
import type { Decider, DirectionVerdict } from './verdict.ts'

export interface Outcome {
  egress: DirectionVerdict | null
  ingress: DirectionVerdict | null
  toHostDropped: boolean
}

/** One sentence: the side that denied, or what allowed on both sides. */
export function reasonOf({ egress, ingress, toHostDropped }: Outcome): string {
  const sides = [
    egress && sentence(egress),
    ingress && sentence(ingress),
    toHostDropped ? 'traffic from a pod to its own node is dropped (DefaultEndpointToHostAction)' : null,
  ]
  const denied = [egress?.verdict === 'denied', ingress?.verdict === 'denied', toHostDropped]
  const decisive = sides.filter((side, index) => side !== null && (denied[index] || !denied.includes(true)))
  return decisive.join('; ')
}

/** `end of tier default (isolated by NetworkPolicy shop/default-deny)`, `rule 0 (allow) of …`. */
export function decisionText({ decidedBy, trace }: DirectionVerdict): string {
  switch (decidedBy.kind) {
    case 'Guard':
      return `${decidedBy.name} is dropped before any policy`
    case 'Failsafe':
      return `${decidedBy.name} is a failsafe port, which no policy closes`
    case 'HostEndpoint':
      return 'no policy allows it, and no profile does'
    case 'Profile':
      return profileText(trace.length)
  }
  if (decidedBy.rule === null)
    return `end of tier ${decidedBy.tier} (isolated by ${describePolicy(decidedBy)})`
  return `rule ${decidedBy.rule} (${trace.at(-1)!.action}) of ${describePolicy(decidedBy)}${tierText(decidedBy)}`
}

/** `egress of shop/web`, `forwarded ingress of HostEndpoint worker-eth0`. */
export function askedText({ endpoint, stage, direction }: DirectionVerdict): string {
  if (stage === 'pod') return `${direction} of ${endpoint}`
  return `${stageWords[stage]}${direction} of HostEndpoint ${endpoint}`
}

const stageWords = { untracked: 'untracked ', 'pre-dnat': 'pre-DNAT ', normal: '', forward: 'forwarded ' }

function sentence(verdict: DirectionVerdict): string {
  return `${askedText(verdict)}: ${decisionText(verdict)}`
}

function profileText(hits: number): string {
  return hits > 1 ? 'every tier passed it on, so it is allowed' : 'no policy governs it'
}

function tierText({ tier }: Decider): string {
  return tier === 'default' ? '' : ` in tier ${tier}`
}
