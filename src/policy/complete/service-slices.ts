import { type IpVersion, parseAddress } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isSidecar } from '../../sidecar.ts'
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

/** The pods that a Service sends to: none for a name elsewhere, and none that have finished. */
export function podsOfService({ metadata, spec }: KubernetesObject, pods: KubernetesObject[]) {
  if (spec?.type === 'ExternalName') return []
  const selector: Record<string, string> = spec?.selector ?? {}
  const terms = Object.entries(selector).map(([label, value]) => ({ op: '==' as const, label, value }))
  if (terms.length === 0) return []
  const selects = compileSelector({ op: 'and', operands: terms })
  return pods.filter(
    (pod) =>
      (pod.metadata.namespace ?? 'default') === (metadata.namespace ?? 'default') &&
      !['Succeeded', 'Failed'].includes(pod.status?.phase) &&
      selects(new Map(Object.entries(pod.metadata.labels ?? {}))),
  )
}

/**
 * The container port that a Service's port stands for on a pod, or undefined where its name is not known there. Names
 * are those of containers, and then of sidecars (FindPort of k8s.io/endpointslice).
 */
export function targetPortOf(
  { port, targetPort = port, protocol = 'TCP' }: ServicePort,
  pod: KubernetesObject,
): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  const { containers = [], initContainers = [] }: { [list: string]: Container[] } = pod.spec ?? {}
  const sidecars = initContainers.filter(isSidecar)
  return [...containers, ...sidecars]
    .flatMap(({ ports }) => ports ?? [])
    .find((named) => named.name === targetPort && (named.protocol ?? 'TCP') === protocol)?.containerPort
}

export interface ServicePort {
  port: number
  targetPort?: number | string
  protocol?: string
}

interface Container {
  restartPolicy?: string
  ports?: ContainerPort[]
}

interface ContainerPort {
  name?: string
  containerPort: number
  protocol?: string
}

/** Those of a pod's addresses that are of the Service's families. */
function addressesOf(service: KubernetesObject, { status }: KubernetesObject): string[] {
  const listed = ((status?.podIPs ?? []) as { ip: string }[]).map(({ ip }) => ip)
  const all = listed.length > 0 ? listed : status?.podIP ? [status.podIP as string] : []
  const families = familiesOf(service, versionOf(all[0]))
  return all.filter((address) => families.includes(versionOf(address)))
}

/** A Service that does not say has one family, the cluster's first; pods have their first address of it. */
function familiesOf({ spec }: KubernetesObject, first?: IpVersion): (IpVersion | undefined)[] {
  const { ipFamilies = [], ipFamilyPolicy = 'SingleStack', clusterIP = '' } = spec ?? {}
  if (ipFamilies.length > 0) return ipFamilies.map((family: string) => (family === 'IPv6' ? 6 : 4))
  return ipFamilyPolicy === 'SingleStack' ? [versionOf(clusterIP) ?? first] : [4, 6]
}

function versionOf(address = ''): IpVersion | undefined {
  return parseAddress(address)?.version
}

function sliceOf(service: KubernetesObject, pod: KubernetesObject): KubernetesObject {
  const { metadata, spec } = service
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
    endpoints: [{ addresses: addressesOf(service, pod) }],
    ports,
  }
}
