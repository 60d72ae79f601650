import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type Informer, isApiError, type ResourceType } from '../api-client/index.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { workQueue } from './work-queue.ts'

/**
 * Deletes what has lost its last owner, and carries out the propagation policies: `foregroundDeletion` waits for the
 * dependents, `orphan` lets them go. Works on uids, whatever the kinds.
 */
export function startGarbageCollector(
  { client: clientOf, log }: ControllerContext,
  types: ResourceType[],
): Controller {
  const client = clientOf('generic-garbage-collector')
  const copies: { type: ResourceType; informer: Informer }[] = types.map((type) => ({
    type,
    informer: client.inform(type, ({ type: change, object }) => {
      const { uid, ownerReferences, finalizers, deletionTimestamp } = object.metadata
      if (change === 'DELETED' || (deletionTimestamp && finalizers?.length)) queue.add(uid!)
      if (change === 'ADDED' && ownerReferences?.length) queue.add(uid!)
      if (change === 'DELETED') for (const owner of ownerReferences ?? []) queue.add(owner.uid)
    }),
  }))
  const all = () =>
    copies.flatMap(({ type, informer }) => informer.list().map((object) => ({ type, object })))
  const ownersOf = ({ metadata }: KubernetesObject) => metadata.ownerReferences ?? []

  const reconcile = async (uid: string) => {
    const objects = all()
    const uids = new Set(objects.map(({ object }) => object.metadata.uid))
    const dependents = objects.filter(({ object }) => ownersOf(object).some((owner) => owner.uid === uid))
    const self = objects.find(({ object }) => object.metadata.uid === uid)
    const isDoomed = self?.object.metadata.deletionTimestamp !== undefined
    const policy = (isDoomed && self?.object.metadata.finalizers) || []
    if (self && policy.includes('orphan')) {
      for (const dependent of dependents) await patch(dependent, orphaned(dependent.object, uid))
      await patch(self, withoutFinalizer(self.object, 'orphan'))
    } else if (self && policy.includes('foregroundDeletion')) {
      for (const dependent of dependents) await remove(dependent)
      if (!dependents.length) await patch(self, withoutFinalizer(self.object, 'foregroundDeletion'))
    } else if (!self) {
      for (const dependent of dependents) if (isOrphan(dependent.object, uids)) await remove(dependent)
    } else if (isOrphan(self.object, uids)) await remove(self)
  }
  const isOrphan = (object: KubernetesObject, uids: Set<string | undefined>) =>
    ownersOf(object).length > 0 && ownersOf(object).every((owner) => !uids.has(owner.uid))

  const remove = async ({ type, object }: { type: ResourceType; object: KubernetesObject }) => {
    const { name, namespace, uid, deletionTimestamp } = object.metadata
    if (deletionTimestamp) return
    try {
      await client.delete(type, { name, namespace }, { uid })
    } catch (error) {
      if (!isApiError(error, 404) && !isApiError(error, 409)) throw error
    }
  }
  const patch = async (
    { type, object }: { type: ResourceType; object: KubernetesObject },
    change: object,
  ) => {
    const { name, namespace } = object.metadata
    await client.patch(type, { name, namespace }, change)
  }

  const queue = workQueue({ name: 'garbage-collector', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

function orphaned({ metadata }: KubernetesObject, uid: string): object {
  return { metadata: { ownerReferences: metadata.ownerReferences?.filter((owner) => owner.uid !== uid) } }
}

function withoutFinalizer({ metadata }: KubernetesObject, finalizer: string): object {
  return { metadata: { finalizers: metadata.finalizers?.filter((each) => each !== finalizer) } }
}
