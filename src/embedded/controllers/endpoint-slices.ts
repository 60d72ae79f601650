import { isIP } from 'node:net'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { targetPortOf } from '../../policy/index.ts'
import { resources } from '../api-client/index.ts'
import type { FamilyName } from '../ip-families.ts'
import {
  type Controller,
  type ControllerContext,
  controllerReference,
  isReadyPod,
  keyOf,
  selects,
  splitKey,
} from './controller.ts'
import { isManagedSlice, ServiceSlices, serviceOfSlice, serviceSlice } from './service-slices.ts'
import { workQueue } from './work-queue.ts'

const manager = 'endpointslice-controller.k8s.io'

/** Keeps the EndpointSlices of every Service that selects pods: in each family one for each set of port numbers. */
export function startEndpointSliceController({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('endpointslice-controller')
  const services = client.inform(resources.services, ({ object }) => queue.add(keyOf(object)))
  const pods = client.inform(resources.pods, ({ object }) => {
    for (const service of services.list()) {
      // A pod that lost its label must leave: its slices name it, so every Service of the namespace is looked at.
      if (service.metadata.namespace === object.metadata.namespace) queue.add(keyOf(service))
    }
  })
  const slices = client.inform(resources.endpointSlices, ({ object }) => {
    const service = serviceOfSlice(object)
    if (service) queue.add(service)
  })

  const own = new ServiceSlices(client, slices, manager)

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const service = services.get(name, namespace)
    const isServed = service?.spec.selector && !service.metadata.deletionTimestamp
    await own.keep({ namespace, name }, isServed ? slicesOf(service, pods.list()) : [])
  }

  const queue = workQueue({ name: 'endpointslices', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

/** Whether a slice is one of those that follow the pods of a Service. */
export function isOfPods(slice: KubernetesObject, { metadata }: KubernetesObject): boolean {
  return isManagedSlice(slice, { namespace: metadata.namespace, name: metadata.name, by: manager })
}

/** The slices that a Service and the pods of the cluster come down to; a name elsewhere has none. */
export function slicesOf(service: KubernetesObject, pods: KubernetesObject[]): KubernetesObject[] {
  if (service.spec.type === 'ExternalName') return []
  const selected = pods
    .filter((pod) => pod.metadata.namespace === service.metadata.namespace && isOnNetwork(pod))
    .filter((pod) => selects({ matchLabels: service.spec.selector }, pod.metadata.labels))
    .sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
  const families: FamilyName[] = service.spec.ipFamilies ?? ['IPv4']
  return families.flatMap((family) => slicesOfFamily(service, selected, family))
}

function slicesOfFamily(
  service: KubernetesObject,
  pods: KubernetesObject[],
  family: FamilyName,
): KubernetesObject[] {
  const groups = new Map<string, { ports: object[]; endpoints: object[] }>()
  for (const pod of pods) {
    const address = addressOf(pod, family)
    if (!address) continue
    const ports = portsOf(service, pod)
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    group.endpoints.push(endpointOf(service, pod, address))
    groups.set(key, group)
  }
  if (!groups.size) groups.set('none', { ports: [], endpoints: [] })
  return [...groups].map(([key, group]) => sliceOf(service, { ...group, key, family }))
}

function sliceOf(
  service: KubernetesObject,
  { key, family, ...content }: { key: string; family: FamilyName; ports: object[]; endpoints: object[] },
): KubernetesObject {
  const slice = serviceSlice(
    { service: service.metadata, manager, key, reference: controllerReference(service) },
    { addressType: family, ...content },
  )
  if (service.spec.clusterIP === 'None') slice.metadata.labels!['service.kubernetes.io/headless'] = ''
  return slice
}

function isOnNetwork({ status }: KubernetesObject): boolean {
  return Boolean(status?.podIP) && status.phase !== 'Succeeded' && status.phase !== 'Failed'
}

function addressOf({ status }: KubernetesObject, family: FamilyName): string | undefined {
  const listed: { ip: string }[] = status.podIPs ?? [{ ip: status.podIP }]
  return listed.map(({ ip }) => ip).find((ip) => `IPv${isIP(ip)}` === family)
}

/** The Service's ports as this pod has them; a port whose name the pod does not know is left out. */
function portsOf(service: KubernetesObject, pod: KubernetesObject): object[] {
  const ports: object[] = []
  for (const servicePort of service.spec.ports ?? []) {
    const { name = '', protocol, appProtocol } = servicePort
    const port = targetPortOf(servicePort, pod)
    if (port !== undefined) ports.push({ name, port, protocol, ...(appProtocol ? { appProtocol } : {}) })
  }
  return ports
}

function endpointOf(service: KubernetesObject, pod: KubernetesObject, address: string): object {
  const { name, namespace, uid } = pod.metadata
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const serving = isReadyPod(pod)
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const isNamed = pod.spec.hostname && pod.spec.subdomain === service.metadata.name
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...(isNamed ? { hostname: pod.spec.hostname } : {}),
    nodeName: pod.spec.nodeName,
    targetRef: { kind: 'Pod', name, namespace, uid },
  }
}
