import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { parseQuantity } from '../../quantity.ts'

/** Processors and bytes. */
export interface Requests {
  cpu: number
  memory: number
}

interface ContainerRequests {
  restartPolicy?: string
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
}

/**
 * What a pod asks for: the sum of its containers and sidecars, or what one init container asks for beside the sidecars
 * before it, whichever is more.
 */
export function requestsOf({ spec }: KubernetesObject): Requests {
  const of = (name: 'cpu' | 'memory') => {
    const amount = ({ resources = {} }: ContainerRequests) =>
      parseQuantity(resources.requests?.[name] ?? resources.limits?.[name] ?? '0')
    let sidecars = 0
    let most = 0
    for (const container of (spec.initContainers ?? []) as ContainerRequests[]) {
      if (container.restartPolicy === 'Always') sidecars += amount(container)
      else most = Math.max(most, sidecars + amount(container))
    }
    const running = (spec.containers as ContainerRequests[]).reduce((total, each) => total + amount(each), 0)
    return Math.max(most, sidecars + running)
  }
  return { cpu: of('cpu'), memory: of('memory') }
}
