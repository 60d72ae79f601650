import type { KubernetesObject, OwnerReference } from '../../kubernetes-object.ts'
import { isApiError, type ResourceType } from '../api-client/index.ts'
import type { Controller, ControllerContext } from './controller.ts'
import { type RecordedEvent, recordEvent } from './event-recorder.ts'
import { type Owned, OwnerGraph } from './owner-graph.ts'
import { workQueue } from './work-queue.ts'

/**
 * Deletes what has lost its last owner, and carries out the propagation policies: `foregroundDeletion` waits for the
 * dependents that block it, `orphan` lets them go. Works on uids, whatever the kinds.
 */
export function startGarbageCollector(
  { client: clientOf, log, onType }: ControllerContext,
  types: ResourceType[],
): Controller {
  const client = clientOf('generic-garbage-collector')
  const graph = new OwnerGraph()
  const follow = (type: ResourceType) =>
    client.inform(type, ({ type: change, object }) => {
      const { uid, ownerReferences, finalizers, deletionTimestamp } = object.metadata
      if (change === 'DELETED') graph.remove(object)
      else graph.put({ type, object })
      if (change === 'DELETED' || (deletionTimestamp && finalizers?.length)) queue.add(uid!)
      if (change !== 'DELETED' && ownerReferences?.length) queue.add(uid!)
      if (change === 'DELETED') for (const owner of ownerReferences ?? []) queue.add(owner.uid)
    })
  const informers = types.map(follow)
  onType?.((type) => {
    informers.push(follow(type))
  })

  const reconcile = async (uid: string) => {
    await Promise.all(informers.map((informer) => informer.synced))
    const self = graph.get(uid)
    const dependents = graph.dependentsOf(uid)
    if (!self) {
      for (const dependent of dependents) await loseOwner(dependent)
      return
    }
    const policies = (self.object.metadata.deletionTimestamp && self.object.metadata.finalizers) || []
    if (policies.includes('orphan')) {
      for (const dependent of dependents) await patch(dependent, orphaned(dependent.object, uid))
      await patch(self, withoutFinalizer(self.object, 'orphan'))
    } else if (policies.includes('foregroundDeletion')) {
      for (const dependent of dependents) await remove(dependent)
      const isBlocked = dependents.some(({ object }) => blocks(object, uid))
      if (!isBlocked) await patch(self, withoutFinalizer(self.object, 'foregroundDeletion'))
    } else await loseOwner(self)
  }

  /** An object goes with the last of its owners. */
  const loseOwner = async (dependent: Owned) => {
    const { namespace, ownerReferences: owners = [] } = dependent.object.metadata
    const strangers = owners.filter(({ uid }) => isElsewhere(graph.get(uid), namespace))
    for (const owner of strangers) await tell(dependent.object, owner)
    // Of what has no namespace, an owner in one can never be looked up: nobody knows that it is gone.
    if (strangers.length > 0 && !namespace) return
    const isGone = (owner: OwnerReference) => strangers.includes(owner) || !graph.get(owner.uid)
    if (owners.length > 0 && owners.every(isGone)) await remove(dependent)
  }
  const tell = async (dependent: KubernetesObject, { apiVersion, kind, name, uid }: OwnerReference) => {
    const where = dependent.metadata.namespace ?? ''
    const owner = `${apiVersion}/${kind}, namespace: ${where}, name: ${name}, uid: ${uid}`
    const message = `ownerRef [${owner}] does not exist in namespace "${where}"`
    const event: RecordedEvent = { type: 'Warning', reason: 'OwnerRefInvalidNamespace', message }
    await recordEvent(client, 'garbage-collector-controller', dependent, event)
  }
  const remove = async ({ type, object }: Owned) => {
    const { name, namespace, uid, deletionTimestamp } = object.metadata
    if (deletionTimestamp) return
    try {
      await client.delete(type, { name, namespace }, { uid, propagationPolicy: policyOf(object) })
    } catch (error) {
      if (!isApiError(error, 404) && !isApiError(error, 409)) throw error
    }
  }
  const patch = async ({ type, object }: Owned, change: object) => {
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

/** An owner is in the namespace of what it owns, or in none. */
function isElsewhere(owner: Owned | undefined, namespace: string | undefined): boolean {
  const { namespace: ofOwner } = owner?.object.metadata ?? {}
  return ofOwner !== undefined && ofOwner !== namespace
}

/** What is on its way to being deleted in a way of its own goes on so (garbagecollector attemptToDeleteItem). */
function policyOf({ metadata }: KubernetesObject): 'Background' | 'Foreground' | 'Orphan' {
  if (metadata.finalizers?.includes('orphan')) return 'Orphan'
  return metadata.finalizers?.includes('foregroundDeletion') ? 'Foreground' : 'Background'
}

function blocks({ metadata }: KubernetesObject, owner: string): boolean {
  return metadata.ownerReferences?.some((each) => each.uid === owner && each.blockOwnerDeletion) ?? false
}

function orphaned({ metadata }: KubernetesObject, uid: string): object {
  return { metadata: { ownerReferences: metadata.ownerReferences?.filter((owner) => owner.uid !== uid) } }
}

function withoutFinalizer({ metadata }: KubernetesObject, finalizer: string): object {
  return { metadata: { finalizers: metadata.finalizers?.filter((each) => each !== finalizer) } }
}
