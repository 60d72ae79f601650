import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, isApiError, type ResourceType, resources } from '../api-client/index.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { deletionConditions } from './namespace-conditions.ts'
import { NamespaceContent } from './namespace-content.ts'
import { workQueue } from './work-queue.ts'

/**
 * Gives each namespace its ServiceAccount `default`, and empties a namespace that is being deleted: all it holds is
 * deleted, and only then its finalizer goes. Meanwhile its conditions say what is left.
 */
export function startNamespaceController(
  { client: clientOf, log, onType }: ControllerContext,
  namespacedTypes: ResourceType[],
): Controller {
  const client = clientOf('namespace-controller')
  const content = new NamespaceContent()
  const namespaces = client.inform(resources.namespaces, ({ object }) => queue.add(object.metadata.name))
  const follow = (type: ResourceType) =>
    client.inform(type, (event) => {
      const { object } = event
      content.take(type, event)
      const namespace = object.metadata.namespace!
      if (namespaces.get(namespace)?.metadata.deletionTimestamp) queue.add(namespace)
      else if (event.type === 'DELETED' && object.kind === 'ServiceAccount') queue.add(namespace)
    })
  for (const type of namespacedTypes) follow(type)
  onType?.((type) => {
    if (type.namespaced) follow(type)
  })

  const empty = async (namespace: KubernetesObject) => {
    const { name } = namespace.metadata
    for (const { type, object } of content.of(name)) {
      const { metadata } = object
      if (!metadata.deletionTimestamp)
        await deleteIfThere(client, type, { name: metadata.name, namespace: name })
    }
    const left = content.of(name)
    if (left.length === 0) {
      await client.patch(resources.namespaces, { name }, { spec: { finalizers: [] } }, 'finalize')
      return
    }
    const conditions = deletionConditions(namespace, left)
    await client.patch(resources.namespaces, { name }, { status: { conditions } }, 'status')
  }

  const reconcile = async (name: string) => {
    const namespace = namespaces.get(name)
    if (!namespace) return
    if (namespace.metadata.deletionTimestamp) await empty(namespace)
    else await createServiceAccount(client, namespace)
  }
  const queue = workQueue({ name: 'namespaces', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

/** Creates what a cluster has from the start: its namespaces. */
export async function bootstrapNamespaces(client: ApiClient): Promise<void> {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
}

async function createServiceAccount(client: ApiClient, { metadata }: KubernetesObject): Promise<void> {
  const object = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: metadata.name },
  }
  try {
    await client.create(resources.serviceAccounts, object)
  } catch (error) {
    if (!isApiError(error, 409)) throw error
  }
}

async function deleteIfThere(
  client: ApiClient,
  type: ResourceType,
  ref: { name: string; namespace: string },
): Promise<void> {
  try {
    await client.delete(type, ref, { propagationPolicy: 'Background' })
  } catch (error) {
    if (!isApiError(error, 404)) throw error
  }
}
