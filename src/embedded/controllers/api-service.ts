import { addressAt, formatAddress, type IpVersion, parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isApiError, type ResourceType, resources } from '../api-client/index.ts'
import { familyName } from '../ip-families.ts'
import { apiEndpoint, serviceNetworks } from '../network/index.ts'
import { type Controller, type ControllerContext, keyOf } from './controller.ts'
import { workQueue } from './work-queue.ts'

/**
 * Keeps the Service by which pods find the API server, with its endpoint, as a real API server does: whoever deletes it
 * has it back. Resolves once it is there.
 */
export async function startApiService({
  client: clientOf,
  families = [4],
  log,
}: ControllerContext): Promise<Controller> {
  const client = clientOf('kube-apiserver')
  const parts = partsOf(families)
  const keep = async () => {
    for (const [type, object] of parts) {
      await client.create(type, object).catch((error) => {
        if (!isApiError(error, 409)) throw error
      })
    }
  }
  const queue = workQueue({ name: 'api-service', reconcile: keep, log })
  for (const [type, { metadata }] of parts)
    client.inform(type, ({ type: change, object }) => {
      if (change === 'DELETED' && keyOf(object) === `default/${metadata.name}`) queue.add(keyOf(object))
    })
  await keep()
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

function partsOf(families: IpVersion[]): [ResourceType, KubernetesObject][] {
  const family = families[0]!
  const { address, port } = apiEndpoint(families)
  const ports = [{ name: 'https', port, protocol: 'TCP' }]
  const metadata = (labels: Record<string, string>) => ({ name: 'kubernetes', namespace: 'default', labels })
  return [
    [
      resources.services,
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: metadata({ component: 'apiserver', provider: 'kubernetes' }),
        spec: {
          // The first of the range, as in every cluster.
          clusterIP: formatAddress(addressAt(parseCidr(serviceNetworks[family])!, 1)!),
          ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
        },
      },
    ],
    [
      resources.endpointSlices,
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: metadata({ 'kubernetes.io/service-name': 'kubernetes' }),
        addressType: familyName(family),
        endpoints: [{ addresses: [address], conditions: { ready: true } }],
        ports,
      } as KubernetesObject,
    ],
    [
      resources.endpoints,
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: metadata({ 'endpointslice.kubernetes.io/skip-mirror': 'true' }),
        subsets: [{ addresses: [{ ip: address }], ports }],
      } as KubernetesObject,
    ],
  ]
}
