import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts'
import { workQueue } from './work-queue.ts'

const serviceLabel = 'kubernetes.io/service-name'
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
const manager = 'endpointslicemirroring-controller.k8s.io'

/** Keeps EndpointSlices of Endpoints that somebody wrote for a Service without a selector, such as a database outside. */
export function startEndpointMirroring({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('endpointslicemirroring-controller')
  const endpoints = client.inform(resources.endpoints, ({ object }) => queue.add(keyOf(object)))
  const services = client.inform(resources.services, ({ object }) => {
    if (endpoints.get(object.metadata.name, object.metadata.namespace)) queue.add(keyOf(object))
  })
  const slices = client.inform(resources.endpointSlices)

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const written = endpoints.get(name, namespace)
    const service = services.get(name, namespace)
    const mirrored = slices
      .list()
      .filter(
        ({ metadata }) =>
          metadata.namespace === namespace &&
          metadata.labels?.[serviceLabel] === name &&
          metadata.labels?.[managedByLabel] === manager,
      )
    const wanted = written && service && isMirrored(written, service) ? slicesFrom(written) : []
    for (const [index, slice] of wanted.entries()) {
      const known = mirrored[index]
      if (!known) await client.create(resources.endpointSlices, slice)
      else {
        const { endpoints: list, ports } = slice
        await client.patch(
          resources.endpointSlices,
          { name: known.metadata.name, namespace },
          { endpoints: list, ports },
        )
      }
    }
    for (const { metadata } of mirrored.slice(wanted.length))
      await client.delete(resources.endpointSlices, { name: metadata.name, namespace })
  }

  const queue = workQueue({ name: 'endpoint mirroring', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

function isMirrored({ metadata }: KubernetesObject, service: KubernetesObject): boolean {
  const labels = metadata.labels ?? {}
  return (
    !service.spec.selector &&
    labels['endpointslice.kubernetes.io/skip-mirror'] !== 'true' &&
    labels['endpoints.kubernetes.io/managed-by'] === undefined
  )
}

interface Subset {
  addresses?: { ip: string; hostname?: string; nodeName?: string; targetRef?: object }[]
  notReadyAddresses?: Subset['addresses']
  ports?: { name?: string; port: number; protocol?: string }[]
}

function slicesFrom(written: KubernetesObject): KubernetesObject[] {
  const { name, namespace, labels } = written.metadata
  const owner = { apiVersion: 'v1', kind: 'Endpoints', name, uid: written.metadata.uid! }
  return ((written.subsets ?? []) as Subset[]).flatMap(
    ({ addresses = [], notReadyAddresses = [], ports = [] }) => {
      const of = (list: NonNullable<Subset['addresses']>, ready: boolean) =>
        list.map(({ ip, ...rest }) => ({ addresses: [ip], conditions: { ready }, ...rest }))
      const endpoints = [...of(addresses, true), ...of(notReadyAddresses, false)]
      return (['IPv4', 'IPv6'] as const).flatMap((addressType) => {
        const own = endpoints.filter((each) => each.addresses[0]!.includes(':') === (addressType === 'IPv6'))
        if (own.length === 0) return []
        return [
          {
            apiVersion: 'discovery.k8s.io/v1',
            kind: 'EndpointSlice',
            metadata: {
              generateName: `${name}-`,
              namespace,
              labels: { ...labels, [serviceLabel]: name, [managedByLabel]: manager },
              ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
            } as never,
            addressType,
            endpoints: own,
            ports: ports.map((port) => ({ name: '', protocol: 'TCP', ...port })),
          },
        ]
      })
    },
  )
}
