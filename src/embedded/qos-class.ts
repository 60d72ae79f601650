import type { KubernetesObject } from '../kubernetes-object.ts'
import { parseQuantity } from './quantity.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

interface Resources {
  limits?: Record<string, string>
  requests?: Record<string, string>
}

/** The class of a pod by its spec: CPU and memory count, and of those no zero. */
export function qosClass({ containers = [], initContainers = [] }: KubernetesObject['spec']): QosClass {
  const all = [...containers, ...initContainers].map(({ resources = {} }: { resources?: Resources }) => {
    const limits = countedOf(resources.limits)
    return { limits, requests: new Map([...limits, ...countedOf(resources.requests)]) }
  })
  if (all.every(({ requests }) => requests.size === 0)) return 'BestEffort'
  const isGuaranteed = all.every(({ limits, requests }) =>
    counted.every((name) => limits.has(name) && limits.get(name) === requests.get(name)),
  )
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

const counted = ['cpu', 'memory']

function countedOf(amounts: Record<string, string> = {}): Map<string, number> {
  const values = counted.map((name): [string, number] => [name, parseQuantity(amounts[name] ?? '0')])
  return new Map(values.filter(([, value]) => value !== 0))
}
