import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  controllerReference,
  keyOf,
  splitKey,
} from './controller.ts'
import { planRollout } from './rollout.ts'
import { workQueue } from './work-queue.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const hashLabel = 'pod-template-hash'

/** Makes a ReplicaSet for each template of a Deployment, and moves the pods from the old ones to the new one. */
export function startDeploymentController({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('deployment-controller')
  const deployments = client.inform(resources.deployments, ({ object }) => queue.add(keyOf(object)))
  const replicaSets = client.inform(resources.replicaSets, ({ object }) => {
    const owner = controllerOf(object)
    if (owner?.kind === 'Deployment') queue.add(`${object.metadata.namespace}/${owner.name}`)
  })

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const deployment = deployments.get(name, namespace)
    if (!deployment || deployment.metadata.deletionTimestamp) return
    const owned = () =>
      replicaSets.list().filter((each) => controllerOf(each)?.uid === deployment.metadata.uid)
    const hash = templateHash(deployment.spec.template)
    const isCurrent = (each: KubernetesObject) => each.metadata.labels?.[hashLabel] === hash
    if (!owned().some(isCurrent)) {
      await client.create(resources.replicaSets, replicaSetFrom(deployment, hash, nextRevision(owned())))
    }
    const current = owned().find(isCurrent)!
    const old = owned().filter((each) => !isCurrent(each))
    for (const { replicaSet, replicas } of planRollout(deployment, current, old))
      await scale(replicaSet, replicas)
    await forgetHistory(deployment, old)
    await writeStatus(deployment, owned().find(isCurrent)!, owned())
  }

  const scale = async ({ metadata }: KubernetesObject, replicas: number) => {
    const { name, namespace } = metadata
    await client.patch(resources.replicaSets, { name, namespace }, { spec: { replicas } })
  }
  const forgetHistory = async ({ spec }: KubernetesObject, old: KubernetesObject[]) => {
    const ended = old.filter((each) => each.spec.replicas === 0 && !each.status?.replicas)
    const surplus = ended
      .sort((one, other) => revisionOf(other) - revisionOf(one))
      .slice(spec.revisionHistoryLimit)
    for (const { metadata } of surplus) {
      await client.delete(resources.replicaSets, { name: metadata.name, namespace: metadata.namespace })
    }
  }
  const writeStatus = async (
    deployment: KubernetesObject,
    current: KubernetesObject,
    all: KubernetesObject[],
  ) => {
    const { name, namespace, annotations } = deployment.metadata
    const revision = current.metadata.annotations?.[revisionAnnotation]
    if (annotations?.[revisionAnnotation] !== revision) {
      const patch = { metadata: { annotations: { [revisionAnnotation]: revision } } }
      await client.patch(resources.deployments, { name, namespace }, patch)
    }
    const status = statusOf(deployment, current, all)
    await client.patch(resources.deployments, { name, namespace }, { status }, 'status')
  }

  const queue = workQueue({ name: 'deployments', reconcile, log })
  return {
    idle: () => queue.idle(),
    stop() {
      queue.stop()
      client.close()
    },
  }
}

/** Ten characters that stand for a pod template, from the letters that Kubernetes uses for generated names. */
export function templateHash(template: object): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  const digest = createHash('sha1').update(canonical(template)).digest()
  return [...digest.subarray(0, 10)].map((byte) => letters[byte % letters.length]).join('')
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  )
}

function replicaSetFrom(deployment: KubernetesObject, hash: string, revision: number): KubernetesObject {
  const { name, namespace } = deployment.metadata
  const { selector, template } = deployment.spec
  const labels = { ...template.metadata?.labels, [hashLabel]: hash }
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: { [revisionAnnotation]: String(revision) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  }
}

function revisionOf({ metadata }: KubernetesObject): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0)
}

function nextRevision(replicaSets: KubernetesObject[]): number {
  return Math.max(0, ...replicaSets.map(revisionOf)) + 1
}

function statusOf(deployment: KubernetesObject, current: KubernetesObject, all: KubernetesObject[]): object {
  const sum = (field: string) => all.reduce((total, each) => total + (each.status?.[field] ?? 0), 0)
  const { metadata, spec, status } = deployment
  const [available, updated] = [sum('availableReplicas'), current.status?.replicas ?? 0]
  const isDone = updated === spec.replicas && sum('replicas') === updated && available === updated
  const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const condition = (type: string, holds: boolean, reason: string) => {
    const known = status?.conditions?.find((each: { type: string }) => each.type === type)
    const text = holds ? 'True' : 'False'
    if (known?.status === text && known.reason === reason) return known
    return { type, status: text, reason, lastTransitionTime: at, lastUpdateTime: at }
  }
  const isAvailable = available >= spec.replicas - maxUnavailable(spec)
  return {
    observedGeneration: metadata.generation,
    replicas: sum('replicas'),
    updatedReplicas: updated,
    readyReplicas: sum('readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, spec.replicas - available),
    conditions: [
      condition(
        'Available',
        isAvailable,
        isAvailable ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
      ),
      condition('Progressing', true, isDone ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated'),
    ],
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a Deployment's spec
function maxUnavailable(spec: any): number {
  const value = spec.strategy?.rollingUpdate?.maxUnavailable ?? 0
  return typeof value === 'number' ? value : Math.floor((Number.parseInt(value, 10) / 100) * spec.replicas)
}
