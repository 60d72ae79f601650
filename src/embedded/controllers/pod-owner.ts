import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, type ResourceType, resources } from '../api-client/index.ts'
import { claim } from './claim.ts'
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  keyOf,
  selects,
  splitKey,
} from './controller.ts'
import { OwnedIndex } from './owned-index.ts'
import { PodControl } from './pod-control.ts'
import { workQueue } from './work-queue.ts'
import { writeStatus } from './write-status.ts'

/** A kind whose objects own pods. */
export interface PodOwner {
  type: ResourceType
  kind: string
  /** Who its Events come from. */
  component: string
  canAdopt?(owner: KubernetesObject, pod: KubernetesObject): boolean
  /** Called when a pod has no owner, or has one that is gone or going. */
  onAbandoned?(pod: KubernetesObject): void
}

/** What the controller of such a kind works with. */
export interface OwnerTools {
  client: ApiClient
  control: PodControl
  /** Looks at every owner again. */
  addAll(): void
  /** The owner's pods as they are now, those that have ended or are ending included. */
  podsOf(owner: KubernetesObject): KubernetesObject[]
  lookAgain(owner: KubernetesObject, delayMs: number): void
  /** For a status that is to be written although the reconciliation fails. */
  writeStatus(owner: KubernetesObject, status: object): Promise<void>
}

/** Brings an owner's pods a step nearer to what it asks for. Returns its status; null where that stays as it is. */
export type ReconcileOwner = (owner: KubernetesObject) => Promise<object | null>

/**
 * What ReplicaSets, StatefulSets, DaemonSets and Jobs have in common: an owner is looked at when it changes or one of
 * its pods does, claims the pods that its selector means, and gets a status.
 */
export function startPodOwner(
  { client: clientOf, log }: ControllerContext,
  { type, kind, component, canAdopt, onAbandoned }: PodOwner,
  reconcilerWith: (tools: OwnerTools) => ReconcileOwner,
): Controller {
  const client = clientOf(component)
  const index = new OwnedIndex()
  const owners = client.inform(type, ({ type: change, object }) => {
    if (change === 'DELETED' || object.metadata.deletionTimestamp) abandon(object)
    if (change === 'DELETED') index.forget(object.metadata.uid!)
    else queue.add(keyOf(object))
  })
  client.inform(resources.pods, (event) => {
    const { object: pod } = event
    index.take(event)
    const reference = controllerOf(pod)
    if (reference?.kind === kind) {
      const owner = owners.get(reference.name, pod.metadata.namespace)
      if (owner?.metadata.uid === reference.uid) queue.add(keyOf(owner))
      const isManaged = owner?.metadata.uid === reference.uid && !owner.metadata.deletionTimestamp
      if (!isManaged && event.type !== 'DELETED') onAbandoned?.(pod)
    } else if (!reference && event.type !== 'DELETED') offer(pod)
  })
  /** A pod without an owner may be one that somebody looks for. */
  const offer = (pod: KubernetesObject) => {
    onAbandoned?.(pod)
    for (const owner of owners.list()) {
      const isHere = owner.metadata.namespace === pod.metadata.namespace
      if (isHere && selects(owner.spec.selector, pod.metadata.labels)) queue.add(keyOf(owner))
    }
  }

  const abandon = ({ metadata }: KubernetesObject) => {
    if (onAbandoned) for (const pod of index.of(metadata.uid!)) onAbandoned(pod)
  }

  const reconcile = reconcilerWith({
    client,
    control: new PodControl(client, component),
    addAll() {
      for (const owner of owners.list()) queue.add(keyOf(owner))
    },
    podsOf: (owner) => index.of(owner.metadata.uid!),
    lookAgain: (owner, delayMs) => queue.addAfter(keyOf(owner), delayMs),
    writeStatus: (object, status) => writeStatus({ client, type, object, status }),
  })
  const reconcileKey = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const owner = owners.get(name, namespace)
    if (!owner || owner.metadata.deletionTimestamp) return
    await claim(owner, { client, type: resources.pods, index, canAdopt })
    const status = await reconcile(owner)
    if (status) await writeStatus({ client, type, object: owner, status })
  }
  const queue = workQueue({ name: `${kind}s`, reconcile: reconcileKey, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}
