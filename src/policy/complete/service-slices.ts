import type { KubernetesObject } from '../../kubernetes-object.ts'
import { compileSelector } from '../selector.ts'

/** An EndpointSlice for each Service that selects pods and has none among the objects. */
export function serviceSlices(objects: KubernetesObject[]): KubernetesObject[] {
  const pods = objects.filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Pod')
  const served = new Set(
    objects
      .filter(({ kind }) => kind === 'EndpointSlice')
      .map(
        ({ metadata }) =>
          `${metadata.namespace ?? 'default'}/${metadata.labels?.['kubernetes.io/service-name']}`,
      ),
  )
  return objects
    .filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Service')
    .filter(({ metadata }) => !served.has(`${metadata.namespace ?? 'default'}/${metadata.name}`))
    .flatMap((service) => podsOfService(service, pods).map((pod) => sliceOf(service, pod)))
}

/** The pods that a Service sends to. */
export function podsOfService({ metadata, spec }: KubernetesObject, pods: KubernetesObject[]) {
  const selector: Record<string, string> = spec?.selector ?? {}
  const terms = Object.entries(selector).map(([label, value]) => ({ op: '==' as const, label, value }))
  if (terms.length === 0) return []
  const selects = compileSelector({ op: 'and', operands: terms })
  return pods.filter(
    (pod) =>
      (pod.metadata.namespace ?? 'default') === (metadata.namespace ?? 'default') &&
      selects(new Map(Object.entries(pod.metadata.labels ?? {}))),
  )
}

/** The container port that a Service's port stands for on a pod, or undefined where its name is not known there. */
export function targetPortOf(
  { port, targetPort = port, protocol = 'TCP' }: ServicePort,
  pod: KubernetesObject,
): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const containers = (pod.spec?.containers ?? []) as { ports?: ContainerPort[] }[]
  return containers
    .flatMap(({ ports }) => ports ?? [])
    .find((named) => named.name === targetPort && (named.protocol ?? 'TCP') === protocol)?.containerPort
}

export interface ServicePort {
  port: number
  targetPort?: number | string
  protocol?: string
}

interface ContainerPort {
  name?: string
  containerPort: number
  protocol?: string
}

/** Of every family. */
function addressesOf({ status }: KubernetesObject): string[] {
  const listed = ((status?.podIPs ?? []) as { ip: string }[]).map(({ ip }) => ip)
  return listed.length > 0 ? listed : status?.podIP ? [status.podIP] : []
}

function sliceOf({ metadata, spec }: KubernetesObject, pod: KubernetesObject): KubernetesObject {
  const ports = ((spec?.ports ?? []) as ServicePort[]).flatMap((servicePort) => {
    const port = targetPortOf(servicePort, pod)
    return port === undefined ? [] : [{ port, protocol: servicePort.protocol ?? 'TCP' }]
  })
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${metadata.name}-${pod.metadata.name}`,
      namespace: metadata.namespace ?? 'default',
      labels: { 'kubernetes.io/service-name': metadata.name },
    },
    endpoints: [{ addresses: addressesOf(pod) }],
    ports,
  }
}
