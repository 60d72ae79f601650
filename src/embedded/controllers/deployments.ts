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
import { conditionOf, statusOf } from './deployment-status.ts'
import { planRollout } from './rollout.ts'
import { templateHash } from './template-hash.ts'
import { workQueue } from './work-queue.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'
const hashLabel = 'pod-template-hash'

/** Makes a ReplicaSet for each template of a Deployment, and moves the pods from the old ones to the new one. */
export function startDeploymentController({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('deployment-controller')
  const timers = new Map<string, NodeJS.Timeout>()
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
    const current = () => owned().find(isCurrent)
    const old = () => owned().filter((each) => !isCurrent(each))
    if (deployment.spec.paused) await scaleAlone(deployment, owned())
    else {
      if (!current())
        await client.create(resources.replicaSets, replicaSetFrom(deployment, hash, nextRevision(owned())))
      await becomeNewest(current()!, old())
      for (const { replicaSet, replicas } of planRollout(deployment, current()!, old()))
        await scale(replicaSet, replicas)
    }
    await forgetHistory(deployment, old())
    await writeStatus(deployment, current(), owned())
    watchProgress(key, deployment)
  }

  /** A rollout back to an older template: its ReplicaSet takes the next revision. */
  const becomeNewest = async (current: KubernetesObject, old: KubernetesObject[]) => {
    if (old.every((each) => revisionOf(each) < revisionOf(current))) return
    const { name, namespace } = current.metadata
    const annotations = { [revisionAnnotation]: String(nextRevision([...old, current])) }
    await client.patch(resources.replicaSets, { name, namespace }, { metadata: { annotations } })
  }

  /** While it is paused nothing is rolled, but a new number of replicas is made so by the newest that runs. */
  const scaleAlone = async ({ spec }: KubernetesObject, owned: KubernetesObject[]) => {
    const running = owned
      .filter((each) => each.spec.replicas > 0)
      .sort((one, other) => revisionOf(other) - revisionOf(one))
    const others = running.slice(1).reduce((total, each) => total + each.spec.replicas, 0)
    const wanted = Math.max(0, spec.replicas - others)
    if (running[0] && running[0].spec.replicas !== wanted) await scale(running[0], wanted)
  }

  /** Comes back when the deadline of a rollout that goes on is over. */
  const watchProgress = (key: string, { metadata, spec }: KubernetesObject) => {
    clearTimeout(timers.get(key))
    timers.delete(key)
    const fresh = deployments.get(metadata.name, metadata.namespace)
    const progressing = conditionOf(fresh?.status, 'Progressing')
    if (progressing?.reason !== 'ReplicaSetUpdated') return
    const at = Date.parse(progressing.lastUpdateTime) + (spec.progressDeadlineSeconds ?? 600) * 1000
    const timer = setTimeout(() => queue.add(key), Math.max(1000, at - Date.now()))
    timer.unref()
    timers.set(key, timer)
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
    current: KubernetesObject | undefined,
    all: KubernetesObject[],
  ) => {
    const { name, namespace, annotations } = deployment.metadata
    const revision = current?.metadata.annotations?.[revisionAnnotation]
    if (revision && annotations?.[revisionAnnotation] !== revision) {
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
      for (const timer of timers.values()) clearTimeout(timer)
      client.close()
    },
  }
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
      annotations: { ...passedOn(deployment), [revisionAnnotation]: String(revision) },
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

/** Annotations that a ReplicaSet has from its Deployment, such as kubernetes.io/change-cause. */
function passedOn({ metadata }: KubernetesObject): Record<string, string> {
  const kept = [revisionAnnotation, 'kubectl.kubernetes.io/last-applied-configuration']
  return Object.fromEntries(
    Object.entries(metadata.annotations ?? {}).filter(([name]) => !kept.includes(name)),
  )
}
