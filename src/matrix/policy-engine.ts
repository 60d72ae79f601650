import { askedText, buildModel, type DirectionVerdict, decisionText, evaluate } from '../policy/index.ts'
import type { ClusterView } from './cluster-view.ts'
import type { Decide } from './predict.ts'

/** The policy engine over what a cluster holds at one moment. */
export function policyEngine(view: ClusterView): Decide {
  const model = buildModel(view.objects)
  return (flow) => {
    const { verdict, reason, egress, ingress } = evaluate(model, flow)
    const sides = [egress, ingress].filter((side) => side !== null).map(sideText)
    return { verdict, reason, sides }
  }
}

function sideText(verdict: DirectionVerdict): string {
  return `${askedText(verdict)}: ${verdict.verdict}, ${decisionText(verdict)}`
}
