import type { KubernetesObject } from '../../kubernetes-object.ts'
import { parseQuantity } from '../quantity.ts'
import type { ContainerFields } from './container-fields.ts'

/** What the kubelet knows of a pod besides its spec. */
export interface PodPlace {
  nodeName: string
  hostIps: string[]
  podIps: string[]
  /** Of the node: what a container without limits may use. */
  allocatable: Record<string, string>
}

/** The value of `fieldRef` (core/v1 ObjectFieldSelector); undefined for a path that Kubernetes does not have. */
export function fieldValue(pod: KubernetesObject, path: string, place: PodPlace): string | undefined {
  const { metadata, spec } = pod
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (subscript) return metadata[subscript[1] as 'labels' | 'annotations']?.[subscript[2]!] ?? ''
  const values: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': pairs(metadata.labels),
    'metadata.annotations': pairs(metadata.annotations),
    'spec.nodeName': place.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.hostIP': place.hostIps[0],
    'status.hostIPs': place.hostIps.join(','),
    'status.podIP': place.podIps[0],
    'status.podIPs': place.podIps.join(','),
  }
  return values[path]
}

/** The value of `resourceFieldRef`, in units of its divisor and rounded up; a missing limit is what the node has. */
export function resourceValue(
  container: ContainerFields,
  { resource, divisor }: { resource: string; divisor?: string },
  place: PodPlace,
): string {
  const [kind, name] = resource.split(/\.(.*)/) as [string, string]
  const { limits = {}, requests = {} } = container.resources ?? {}
  const given = kind === 'limits' ? limits[name] : (requests[name] ?? limits[name])
  const otherwise = kind === 'limits' ? place.allocatable[name] : undefined
  const unit = parseQuantity(divisor ?? '1')
  return String(Math.ceil(parseQuantity(given ?? otherwise ?? '0') / (unit || 1)))
}

/** As a file of a downwardAPI volume has labels: one quoted pair a line, sorted. */
function pairs(map: Record<string, string> = {}): string {
  return Object.entries(map)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')
}
