import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isApiError, resources } from '../api-client/index.ts'
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts'
import { isOfPods } from './endpoint-slices.ts'
import { serviceOfSlice } from './service-slices.ts'
import { workQueue } from './work-queue.ts'

const managedBy: Record<string, string> = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }

/** Keeps the Endpoints of every Service that selects pods: the older form of EndpointSlices, which many still read. */
export function startEndpointsController({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('endpoint-controller')
  const services = client.inform(resources.services, ({ object }) => queue.add(keyOf(object)))
  const endpoints = client.inform(resources.endpoints)
  // The slices have been worked out already: Endpoints follow them.
  const slices = client.inform(resources.endpointSlices, ({ object }) => {
    const service = serviceOfSlice(object)
    if (service) queue.add(service)
  })

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const service = services.get(name, namespace)
    const known = endpoints.get(name, namespace)
    if (!service) {
      if (known && isOurs(known)) await ignoringGone(client.delete(resources.endpoints, { name, namespace }))
      return
    }
    if (!service.spec.selector || service.metadata.deletionTimestamp) return
    const wanted = endpointsOf(
      service,
      slices.list().filter((slice) => isOfPods(slice, service)),
    )
    if (!known) await client.create(resources.endpoints, wanted)
    else if (JSON.stringify(known.subsets ?? []) !== JSON.stringify(wanted.subsets)) {
      const { subsets, metadata } = wanted
      const patch = { metadata: { labels: metadata.labels }, subsets }
      await client.patch(resources.endpoints, { name, namespace }, patch)
    }
  }

  const queue = workQueue({ name: 'endpoints', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

/** The Endpoints that a Service's slices come down to; of dual-stack Services the first family. */
export function endpointsOf(
  { metadata, spec }: KubernetesObject,
  slices: KubernetesObject[],
): KubernetesObject {
  const { name, namespace, labels } = metadata
  const headless: Record<string, string> =
    spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {}
  const family = spec.ipFamilies?.[0] ?? 'IPv4'
  const subsets = slices.filter(({ addressType }) => addressType === family).flatMap(subsetOf)
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace, labels: { ...labels, ...managedBy, ...headless } },
    subsets,
  }
}

function subsetOf({ endpoints, ports }: KubernetesObject): object[] {
  const lasting = endpoints.filter((each: KubernetesObject) => !each.conditions.terminating)
  if (lasting.length === 0) return []
  const of = (ready: boolean) =>
    lasting.filter(({ conditions }: KubernetesObject) => conditions.ready === ready).map(addressOf)
  const [addresses, notReadyAddresses] = [of(true), of(false)]
  return [
    {
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
      ...(ports.length > 0 ? { ports: ports.map(portOf) } : {}),
    },
  ]
}

function addressOf({ addresses, hostname, nodeName, targetRef }: KubernetesObject): object {
  return { ip: addresses[0], ...(hostname ? { hostname } : {}), nodeName, targetRef }
}

function portOf({ name, ...port }: { name?: string }): object {
  return name ? { name, ...port } : port
}

function isOurs({ metadata }: KubernetesObject): boolean {
  return Object.entries(managedBy).every(([label, value]) => metadata.labels?.[label] === value)
}

async function ignoringGone(deletion: Promise<void>): Promise<void> {
  try {
    await deletion
  } catch (error) {
    if (!isApiError(error, 404)) throw error
  }
}
