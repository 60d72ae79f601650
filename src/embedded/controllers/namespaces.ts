import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, isApiError, type ResourceType, resources } from '../api-client/index.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { workQueue } from './work-queue.ts'

/**
 * Gives each namespace its ServiceAccount `default`, and empties a namespace that is being deleted: all it holds is
 * deleted, and only then its finalizer goes.
 */
export function startNamespaceController(
  { client: clientOf, log, onType }: ControllerContext,
  namespacedTypes: ResourceType[],
): Controller {
  const client = clientOf('namespace-controller')
  const namespaces = client.inform(resources.namespaces, ({ object }) => queue.add(object.metadata.name))
  const contentOf = (type: ResourceType) => ({
    type,
    informer: client.inform(type, ({ type: change, object }) => {
      const namespace = object.metadata.namespace!
      if (namespaces.get(namespace)?.metadata.deletionTimestamp) queue.add(namespace)
      else if (change === 'DELETED' && object.kind === 'ServiceAccount') queue.add(namespace)
    }),
  })
  const contents = namespacedTypes.map(contentOf)
  onType?.((type) => {
    if (type.namespaced) contents.push(contentOf(type))
  })

  const empty = async (namespace: string) => {
    let left = 0
    for (const { type, informer } of contents) {
      for (const { metadata } of informer.list()) {
        if (metadata.namespace !== namespace) continue
        left += 1
        if (!metadata.deletionTimestamp) await deleteIfThere(client, type, { name: metadata.name, namespace })
      }
    }
    if (left) queue.add(namespace)
    else
      await client.patch(resources.namespaces, { name: namespace }, { spec: { finalizers: [] } }, 'finalize')
  }
  const waitsForPods = (namespace: string) =>
    contents.every(({ informer }) =>
      informer
        .list()
        .every(
          ({ metadata }) => metadata.namespace !== namespace || metadata.deletionTimestamp !== undefined,
        ),
    )

  const reconcile = async (name: string) => {
    const namespace = namespaces.get(name)
    if (!namespace) return
    if (!namespace.metadata.deletionTimestamp) return createServiceAccount(client, namespace)
    const isEmpty = contents.every(({ informer }) =>
      informer.list().every(({ metadata }) => metadata.namespace !== name),
    )
    if (isEmpty || !waitsForPods(name)) await empty(name)
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

/** Creates what a cluster has from the start: its namespaces, and the Service `kubernetes`. */
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
    await client.delete(type, ref)
  } catch (error) {
    if (!isApiError(error, 404)) throw error
  }
}
