import { isIP } from 'node:net'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import { type Controller, type ControllerContext, keyOf, splitKey } from './controller.ts'
import { ServiceSlices, serviceSlice } from './service-slices.ts'
import { workQueue } from './work-queue.ts'

const manager = 'endpointslicemirroring-controller.k8s.io'

/** Keeps EndpointSlices of Endpoints that somebody wrote for a Service without a selector, such as a database outside. */
export function startEndpointMirroring({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('endpointslicemirroring-controller')
  const endpoints = client.inform(resources.endpoints, ({ object }) => queue.add(keyOf(object)))
  const services = client.inform(resources.services, ({ object }) => {
    if (endpoints.get(object.metadata.name, object.metadata.namespace)) queue.add(keyOf(object))
  })
  const own = new ServiceSlices(client, client.inform(resources.endpointSlices), manager)

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const written = endpoints.get(name, namespace)
    const service = services.get(name, namespace)
    const isWanted = written && service && isMirrored(written, service)
    await own.keep({ namespace, name }, isWanted ? slicesFrom(written) : [])
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

function slicesFrom({ metadata, subsets = [] }: KubernetesObject): KubernetesObject[] {
  const owner = { apiVersion: 'v1', kind: 'Endpoints', name: metadata.name, uid: metadata.uid! }
  const reference = { ...owner, controller: true, blockOwnerDeletion: true }
  return (subsets as Subset[]).flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const of = (list: NonNullable<Subset['addresses']>, ready: boolean) =>
      list.map(({ ip, ...rest }) => ({ addresses: [ip], conditions: { ready }, ...rest }))
    const endpoints = [...of(addresses, true), ...of(notReadyAddresses, false)]
    return ['IPv4', 'IPv6'].flatMap((addressType) => {
      const own = endpoints.filter((each) => `IPv${isIP(each.addresses[0]!)}` === addressType)
      if (own.length === 0) return []
      const content = {
        addressType,
        endpoints: own,
        ports: ports.map((port) => ({ name: '', protocol: 'TCP', ...port })),
      }
      return [serviceSlice({ service: metadata, manager, key: `${index}`, reference }, content)]
    })
  })
}
