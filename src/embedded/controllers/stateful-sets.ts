import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type Informer, resources } from '../api-client/index.ts'
import { isAvailablePod, nextAvailableMs } from './availability.ts'
import { type Controller, type ControllerContext, isActivePod, isReadyPod } from './controller.ts'
import { type OwnerTools, startPodOwner } from './pod-owner.ts'
import { type Revision, Revisions, revisionLabel } from './revisions.ts'
import { claimsOf, retention } from './stateful-claims.ts'
import { firstUpdated, type Member, nextSteps } from './stateful-order.ts'
import { isMember, memberPod, ordinalOf } from './stateful-pod.ts'
import { nonZero } from './write-status.ts'

/** Gives each pod of a StatefulSet a name that stays, and brings them up and down in order. */
export function startStatefulSetController(context: ControllerContext): Controller {
  const owner = {
    type: resources.statefulSets,
    kind: 'StatefulSet',
    component: 'statefulset-controller',
    canAdopt: isMember,
  }
  return startPodOwner(context, owner, (tools) => {
    const revisions = new Revisions(tools.client, tools.client.inform(resources.controllerRevisions))
    const claims = tools.client.inform(resources.persistentVolumeClaims)
    return async (set) => {
      const { current: update, all } = await revisions.of(set)
      const before = all.find((revision) => revision.name === set.status?.currentRevision) ?? update
      // Before a pod goes: its claims may go with it.
      await applyRetention(set, claims, tools)
      await takeSteps(set, { before, update, claims, tools })
      const pods = tools.podsOf(set)
      const inUse = pods.map((pod) => pod.metadata.labels?.[revisionLabel] ?? '')
      await revisions.prune(set, new Set([update.hash, before.hash, ...inUse]))
      const wait = nextAvailableMs(pods, set.spec.minReadySeconds)
      if (wait !== null) tools.lookAgain(set, wait)
      return statusOf(set, pods, { before, update })
    }
  })
}

interface Work {
  before: Revision
  update: Revision
  claims: Informer
  tools: OwnerTools
}

async function takeSteps(set: KubernetesObject, { before, update, claims, tools }: Work): Promise<void> {
  const { control, podsOf } = tools
  const steps = nextSteps(set, {
    pods: podsOf(set).map((pod) => memberOf(set, pod)),
    updateHash: update.hash,
  })
  for (const ordinal of steps.create) {
    for (const claim of claimsOf(set, ordinal)) {
      if (!claims.get(claim.metadata.name, set.metadata.namespace))
        await createClaim(set, claim, ordinal, tools)
    }
    const usesOld = ordinal < firstUpdated(set.spec)
    const pod = memberPod(set, ordinal, usesOld ? before : update)
    await control.create(
      set,
      pod,
      `create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`,
    )
  }
  for (const name of steps.remove) {
    const pod = podsOf(set).find(({ metadata }) => metadata.name === name)
    if (!pod) continue
    if (pod.status?.phase === 'Failed') {
      const message = `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating failed Pod ${name}`
      await control.record(set, { type: 'Warning', reason: 'RecreatingFailedPod', message })
    }
    await control.delete(set, pod, `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`)
  }
}

async function createClaim(
  set: KubernetesObject,
  claim: KubernetesObject,
  ordinal: number,
  { client, control }: OwnerTools,
): Promise<void> {
  await client.create(resources.persistentVolumeClaims, claim)
  const pod = `${set.metadata.name}-${ordinal}`
  const message = `create Claim ${claim.metadata.name} Pod ${pod} in StatefulSet ${set.metadata.name} success`
  await control.record(set, { type: 'Normal', reason: 'SuccessfulCreate', message })
}

/** Claims that are to go with their set, or with a pod that is scaled away, are owned by it. */
async function applyRetention(
  set: KubernetesObject,
  claims: Informer,
  { client, podsOf }: OwnerTools,
): Promise<void> {
  for (const { claim, ownerReferences } of retention(set, podsOf(set), (name) =>
    claims.get(name, set.metadata.namespace),
  )) {
    const { name, namespace } = claim.metadata
    await client.patch(
      resources.persistentVolumeClaims,
      { name, namespace },
      { metadata: { ownerReferences } },
    )
  }
}

function statusOf(
  { metadata, spec, status }: KubernetesObject,
  owned: KubernetesObject[],
  { before, update }: { before: Revision; update: Revision },
): object {
  const active = owned.filter(isActivePod)
  const of = ({ hash }: Revision) =>
    active.filter((pod) => pod.metadata.labels?.[revisionLabel] === hash).length
  const ready = active.filter(isReadyPod).length
  const isDone = of(update) === active.length && active.length === spec.replicas && ready === active.length
  const current = isDone ? update : before
  return {
    observedGeneration: metadata.generation,
    replicas: active.length,
    availableReplicas: active.filter((pod) => isAvailablePod(pod, spec.minReadySeconds)).length,
    ...nonZero({
      readyReplicas: ready,
      currentReplicas: of(current),
      updatedReplicas: of(update),
    }),
    currentRevision: current.name,
    updateRevision: update.name,
    collisionCount: status?.collisionCount ?? 0,
  }
}

function memberOf({ spec }: KubernetesObject, pod: KubernetesObject): Member {
  return {
    name: pod.metadata.name,
    ordinal: ordinalOf(pod),
    hash: pod.metadata.labels?.[revisionLabel] ?? '',
    isAvailable: isAvailablePod(pod, spec.minReadySeconds) && isActivePod(pod),
    hasEnded: pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded',
    isTerminating: pod.metadata.deletionTimestamp !== undefined,
  }
}
