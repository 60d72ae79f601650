import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  isActivePod,
  isReadyPod,
  keyOf,
  splitKey,
} from './controller.ts'
import { PodControl, podFrom } from './pod-control.ts'
import { type Revision, Revisions, revisionLabel } from './revisions.ts'
import { type Member, nextSteps } from './stateful-order.ts'
import { workQueue } from './work-queue.ts'

/** Gives each pod of a StatefulSet a name that stays, and brings them up and down in order. */
export function startStatefulSetController({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('statefulset-controller')
  const sets = client.inform(resources.statefulSets, ({ object }) => queue.add(keyOf(object)))
  const pods = client.inform(resources.pods, ({ object }) => {
    const owner = controllerOf(object)
    if (owner?.kind === 'StatefulSet') queue.add(`${object.metadata.namespace}/${owner.name}`)
  })
  const revisions = new Revisions(client, client.inform(resources.controllerRevisions))
  const control = new PodControl(client, 'statefulset-controller')
  const claims = client.inform(resources.persistentVolumeClaims)

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const set = sets.get(name, namespace)
    if (!set || set.metadata.deletionTimestamp) return
    const { current: update, all } = await revisions.of(set)
    const owned = () => pods.list().filter((pod) => controllerOf(pod)?.uid === set.metadata.uid)
    const before = all.find((revision) => revision.name === set.status?.currentRevision) ?? update
    const steps = nextSteps(set, { pods: owned().map(memberOf), updateHash: update.hash })
    for (const ordinal of steps.create) {
      const usesOld = ordinal < partitionOf(set)
      for (const claim of claimsOf(set, ordinal)) {
        if (!claims.get(claim.metadata.name, namespace))
          await client.create(resources.persistentVolumeClaims, claim)
      }
      await control.create(set, memberPod(set, ordinal, usesOld ? before : update))
    }
    for (const podName of steps.remove) {
      const pod = owned().find(({ metadata }) => metadata.name === podName)
      if (pod) await control.delete(set, pod)
    }
    await writeStatus(set, owned(), { before, update })
    await revisions.prune(
      set,
      new Set([
        update.hash,
        before.hash,
        ...owned().map((pod) => pod.metadata.labels?.[revisionLabel] ?? ''),
      ]),
    )
  }

  const writeStatus = async (
    { metadata, spec }: KubernetesObject,
    owned: KubernetesObject[],
    { before, update }: { before: Revision; update: Revision },
  ) => {
    const active = owned.filter(isActivePod)
    const of = ({ hash }: Revision) =>
      active.filter((pod) => pod.metadata.labels?.[revisionLabel] === hash).length
    const ready = active.filter(isReadyPod).length
    const isDone = of(update) === active.length && active.length === spec.replicas && ready === active.length
    const current = isDone ? update : before
    const status = {
      observedGeneration: metadata.generation,
      replicas: active.length,
      readyReplicas: ready,
      availableReplicas: ready,
      currentReplicas: of(current),
      updatedReplicas: of(update),
      currentRevision: current.name,
      updateRevision: update.name,
      collisionCount: 0,
    }
    const { name, namespace } = metadata
    await client.patch(resources.statefulSets, { name, namespace }, { status }, 'status')
  }

  const queue = workQueue({ name: 'statefulsets', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

function memberOf(pod: KubernetesObject): Member {
  return {
    name: pod.metadata.name,
    ordinal: Number(/-(\d+)$/.exec(pod.metadata.name)?.[1] ?? -1),
    hash: pod.metadata.labels?.[revisionLabel] ?? '',
    isReady: isReadyPod(pod) && isActivePod(pod),
    hasEnded: pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded',
    isTerminating: pod.metadata.deletionTimestamp !== undefined,
  }
}

function partitionOf({ spec }: KubernetesObject): number {
  return spec.updateStrategy?.rollingUpdate?.partition ?? 0
}

/** The claims of one member: they stay when it goes, and are found again by its successor. */
function claimsOf({ metadata, spec }: KubernetesObject, ordinal: number): KubernetesObject[] {
  return (spec.volumeClaimTemplates ?? []).map((template: KubernetesObject) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      name: `${template.metadata.name}-${metadata.name}-${ordinal}`,
      namespace: metadata.namespace,
      labels: { ...template.metadata.labels, ...spec.selector.matchLabels },
    },
    spec: template.spec,
  }))
}

function memberPod(set: KubernetesObject, ordinal: number, { hash, template }: Revision): KubernetesObject {
  const name = `${set.metadata.name}-${ordinal}`
  const claims: { name: string; persistentVolumeClaim: object }[] = (set.spec.volumeClaimTemplates ?? []).map(
    ({ metadata }: KubernetesObject) => ({
      name: metadata.name,
      persistentVolumeClaim: { claimName: `${metadata.name}-${name}` },
    }),
  )
  const { volumes = [] } = template.spec as { volumes?: { name: string }[] }
  const others = volumes.filter((volume) => !claims.some((claim) => claim.name === volume.name))
  return podFrom(set, template, {
    name,
    labels: {
      'apps.kubernetes.io/pod-index': String(ordinal),
      'statefulset.kubernetes.io/pod-name': name,
      [revisionLabel]: hash,
    },
    spec: {
      hostname: name,
      subdomain: set.spec.serviceName,
      ...(claims.length > 0 ? { volumes: [...others, ...claims] } : {}),
    },
  })
}
