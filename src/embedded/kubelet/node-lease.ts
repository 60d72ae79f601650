import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, isApiError, resources } from '../api-client/index.ts'

const namespace = 'kube-node-lease'
/** The kubelet's nodeLeaseDurationSeconds. */
const leaseDurationSeconds = 40

/** Says that a node's kubelet lives (KEP-589): whoever watches the lease knows when it no longer does. */
export async function renewLease(api: ApiClient, node: KubernetesObject): Promise<void> {
  const { name } = node.metadata
  // In microseconds, as a MicroTime is written.
  const renewTime = new Date().toISOString().replace(/Z$/, '000Z')
  try {
    await api.patch(resources.leases, { name, namespace }, { spec: { renewTime } })
  } catch (error) {
    if (!isApiError(error, 404)) throw error
    await api.create(resources.leases, lease(node, renewTime))
  }
}

function lease({ metadata: { name, uid } }: KubernetesObject, renewTime: string): KubernetesObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: uid! }] },
    spec: { holderIdentity: name, leaseDurationSeconds, renewTime },
  }
}
