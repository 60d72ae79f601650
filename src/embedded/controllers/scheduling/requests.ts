import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { parseQuantity } from '../../quantity.ts'

/** Processors, bytes, and what a name such as example.com/gpu counts. */
export type Requests = Record<string, number>

interface ContainerRequests {
  restartPolicy?: string
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
}

const known = new WeakMap<object, Requests>()

/**
 * What a pod asks for: the sum of its containers and sidecars, or what one init container asks for beside the sidecars
 * before it, whichever is more.
 */
export function requestsOf({ spec }: KubernetesObject): Requests {
  const before = known.get(spec)
  if (before) return before
  const all: ContainerRequests[] = [...(spec.initContainers ?? []), ...spec.containers]
  const names = new Set(all.flatMap((each) => Object.keys(askedBy(each))))
  const requests = Object.fromEntries([...names].map((name) => [name, amountOf(name, spec)]))
  known.set(spec, requests)
  return requests
}

function amountOf(name: string, spec: KubernetesObject['spec']): number {
  const amount = (container: ContainerRequests) => parseQuantity(askedBy(container)[name] ?? '0')
  let sidecars = 0
  let most = 0
  for (const container of (spec.initContainers ?? []) as ContainerRequests[]) {
    if (container.restartPolicy === 'Always') sidecars += amount(container)
    else most = Math.max(most, sidecars + amount(container))
  }
  const running = (spec.containers as ContainerRequests[]).reduce((total, each) => total + amount(each), 0)
  return Math.max(most, sidecars + running)
}

/** A limit without a request is the request. */
function askedBy({ resources = {} }: ContainerRequests): Record<string, string> {
  return { ...resources.limits, ...resources.requests }
}
