import { and, type Selector } from '../selector.ts'

/** A Kubernetes label selector: `matchLabels` and `matchExpressions`, all of which must hold. */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

/** The same as a Calico selector; an empty one is `all()`. */
export function fromLabelSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Selector {
  const labels = Object.entries(matchLabels)
  const terms: Selector[] = labels.map(([label, value]) => ({ op: '==', label, value }))
  for (const { key: label, operator, values = [] } of matchExpressions) {
    if (operator === 'In') terms.push({ op: 'in', label, values })
    else if (operator === 'NotIn') terms.push({ op: 'not in', label, values })
    else if (operator === 'Exists') terms.push({ op: 'has', label })
    else terms.push({ op: 'not', operand: { op: 'has', label } })
  }
  return and(...terms)
}
