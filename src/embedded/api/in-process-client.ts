import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, Replica, type ResourceType, resourceKey } from '../api-client/index.ts'
import type { Kind } from './kind.ts'
import { followLog } from './log-stream.ts'
import type { Registry, Target } from './registry.ts'
import { notServed } from './status-error.ts'
import type { WriteOptions } from './write-options.ts'

/** A copy of the store that follows its log within this process; all clients of the process share it. */
export function followingReplica(registry: Registry): Replica {
  const replica = new Replica()
  followLog(registry, (entries) => {
    for (const entry of entries) replica.take(entry)
  })
  return replica
}

/** The API as the controllers see it: the same interface as over the socket, without the socket. */
export function inProcessClient(registry: Registry, replica: Replica, fieldManager: string): ApiClient {
  const options = (): WriteOptions => ({ fieldManager, fieldValidation: 'Strict', warnings: [] })
  const target = (type: ResourceType, name: string, namespace?: string): Target => ({
    kind: servedKind(registry, type),
    namespace,
    name,
  })
  return {
    get revision() {
      return replica.revision
    },
    onRevision: (listener) => replica.onRevision(listener),
    inform: (type, onChange) => replica.inform(type, onChange),
    async list(type, namespace) {
      const items = registry.list(servedKind(registry, type), namespace, () => true)
      return { items, resourceVersion: String(registry.store.revision) }
    },
    get: async (type, name, namespace) => registry.get(target(type, name, namespace)),
    create: async (type, object) =>
      registry.create(servedKind(registry, type), object.metadata.namespace, object, options()),
    patch: async (type, { name, namespace }, document, subresource): Promise<KubernetesObject> =>
      registry.patch(
        { ...target(type, name, namespace), subresource },
        { type: 'merge', document },
        options(),
      ),
    async delete(type, { name, namespace }, { gracePeriodSeconds, uid, propagationPolicy } = {}) {
      registry.delete(
        target(type, name, namespace),
        { gracePeriodSeconds, preconditions: { uid }, propagationPolicy },
        options(),
      )
    },
    close: () => undefined,
  }
}

function servedKind(registry: Registry, type: ResourceType): Kind {
  const kind = registry.kinds.kindOf(resourceKey(type))
  if (!kind) throw notServed(`/${resourceKey(type)}`)
  return kind
}
