import { buildModel, type Direction, type DirectionVerdict, decisionText, evaluate } from '../policy/index.ts'
import type { ClusterView } from './cluster-view.ts'
import type { Decide } from './predict.ts'

/** The policy engine over what a cluster holds at one moment. */
export function policyEngine(view: ClusterView): Decide {
  const model = buildModel(view.objects)
  return (flow) => {
    // A ping is a protocol of its own in either family.
    const protocol = flow.protocol === 'ICMP' && flow.ipVersion === 6 ? 'ICMPv6' : flow.protocol
    const { verdict, reason, egress, ingress } = evaluate(model, { ...flow, protocol })
    const sides = [side('egress', flow.source, egress), side('ingress', flow.destination, ingress)]
    return { verdict, reason, sides: sides.filter((text) => text !== null) }
  }
}

function side(direction: Direction, endpoint: string, verdict: DirectionVerdict | null): string | null {
  return verdict && `${direction} of ${endpoint}: ${verdict.verdict}, ${decisionText(verdict)}`
}
