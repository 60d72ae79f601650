import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { podAmount } from '../../pod-amount.ts'
import { parseQuantity } from '../../quantity.ts'

/** Processors, bytes, and what a name such as example.com/gpu counts. */
export type Requests = Record<string, number>

interface ContainerRequests {
  restartPolicy?: string
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
}

const known = new WeakMap<object, Requests>()

/** What a pod asks for of each resource that it names. */
export function requestsOf({ spec }: KubernetesObject): Requests {
  const before = known.get(spec)
  if (before) return before
  const all: ContainerRequests[] = [...(spec.initContainers ?? []), ...spec.containers]
  const names = new Set(all.flatMap((each) => Object.keys(askedBy(each))))
  const requests = Object.fromEntries([...names].map((name) => [name, requestOf(name, spec)]))
  known.set(spec, requests)
  return requests
}

function requestOf(name: string, spec: KubernetesObject['spec']): number {
  return podAmount<ContainerRequests>(spec, (container) => parseQuantity(askedBy(container)[name] ?? '0'))
}

/** A limit without a request is the request. */
function askedBy({ resources = {} }: ContainerRequests): Record<string, string> {
  return { ...resources.limits, ...resources.requests }
}
