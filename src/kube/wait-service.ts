import type { KubernetesObject } from '../kubernetes-object.ts'

/** What a Service must lead to before it is ready: the pods that were applied together with it. */
export interface ServiceWait {
  service: KubernetesObject
  namespace: string
  /** Names of Pods that must be ready endpoints. */
  pods: string[]
  /** Some workload's pods, whose names are not known, must be among the endpoints. */
  some: boolean
}

/** The Services among these objects that select pods of these objects. Pure. */
export function serviceWaits(objects: KubernetesObject[]): ServiceWait[] {
  return objects
    .filter(({ kind, spec }) => kind === 'Service' && Object.keys(spec?.selector ?? {}).length > 0)
    .map((service) => {
      const namespace = placeOf(service)
      const near = objects.filter((object) => placeOf(object) === namespace)
      const selected = (labels: Record<string, string> = {}) =>
        Object.entries(service.spec.selector).every(([key, value]) => labels[key] === value)
      const pods = near.filter(({ kind, metadata }) => kind === 'Pod' && selected(metadata.labels))
      const some = near.some(
        ({ kind, spec }) =>
          ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet'].includes(kind) &&
          spec?.replicas !== 0 &&
          selected(spec?.template?.metadata?.labels),
      )
      return { service, namespace, pods: pods.map(({ metadata }) => metadata.name), some }
    })
    .filter(({ pods, some }) => pods.length > 0 || some)
}

/** Why a Service does not lead to its pods yet, or null where it does. Pure. */
export function whyServiceWaits(wait: ServiceWait, slices: KubernetesObject[]): string | null {
  const own = slices.filter(
    ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === wait.service.metadata.name,
  )
  const ready = own
    .flatMap(({ endpoints }) => (endpoints ?? []) as Endpoint[])
    .filter(({ conditions }) => conditions?.ready !== false)
  if (ready.length === 0) return 'has no ready endpoint yet'
  const missing = wait.pods.filter((name) => !ready.some(({ targetRef }) => targetRef?.name === name))
  return missing.length > 0 ? `pod ${missing[0]} is no ready endpoint yet` : null
}

interface Endpoint {
  conditions?: { ready?: boolean }
  targetRef?: { name: string }
}

function placeOf({ metadata }: KubernetesObject): string {
  return metadata.namespace ?? 'default'
}
