import type { KubernetesObject } from '../../kubernetes-object.ts'
import { resources } from '../api-client/index.ts'
import { claim } from './claim.ts'
import {
  type Controller,
  type ControllerContext,
  controllerOf,
  isActivePod,
  keyOf,
  selects,
  splitKey,
} from './controller.ts'
import { conditionOf, isComplete, statusOf } from './deployment-status.ts'
import { OwnedIndex } from './owned-index.ts'
import { PodControl } from './pod-control.ts'
import {
  isOfTemplate,
  mayForget,
  replicaSetFrom,
  revisionAnnotation,
  revisionOf,
  sizeNotes,
  takenOver,
} from './replica-set-of.ts'
import {
  isScaling,
  type Scaling,
  sizeOfNew,
  stepOfRecreate,
  stepOfRollout,
  stepOfScaling,
} from './rollout.ts'
import { templateHash } from './template-hash.ts'
import { workQueue } from './work-queue.ts'
import { writeStatus } from './write-status.ts'

/** Makes a ReplicaSet for each template of a Deployment, and moves the pods from the old ones to the new one. */
export function startDeploymentController({ client: clientOf, log }: ControllerContext): Controller {
  const client = clientOf('deployment-controller')
  const control = new PodControl(client, 'deployment-controller')
  const replicaSets = new OwnedIndex()
  const pods = new OwnedIndex()
  const deployments = client.inform(resources.deployments, ({ object }) => queue.add(keyOf(object)))
  client.inform(resources.replicaSets, (event) => {
    replicaSets.take(event)
    const { metadata } = event.object
    const owner = controllerOf(event.object)
    if (owner?.kind === 'Deployment') queue.add(`${metadata.namespace}/${owner.name}`)
    else if (!owner && event.type !== 'DELETED')
      for (const each of deployments.list())
        if (each.metadata.namespace === metadata.namespace && selects(each.spec.selector, metadata.labels))
          queue.add(keyOf(each))
  })
  const waitingForPods = new Set<string>()
  client.inform(resources.pods, (event) => {
    pods.take(event)
    // Whether the last pod of an old ReplicaSet is gone matters to Recreate alone.
    if (event.type === 'DELETED') for (const key of waitingForPods) queue.add(key)
  })

  const reconcile = async (key: string) => {
    const { namespace, name } = splitKey(key)
    const deployment = deployments.get(name, namespace)
    waitingForPods.delete(key)
    if (!deployment || deployment.metadata.deletionTimestamp) return
    await claim(deployment, { client, type: resources.replicaSets, index: replicaSets })
    const owned = () => replicaSets.of(deployment.metadata.uid!)
    const hash = templateHash(deployment.spec.template)
    const current = () => owned().find((each) => isOfTemplate(each, hash))
    const old = () => owned().filter((each) => !isOfTemplate(each, hash))

    let found: 'created' | 'known' = 'known'
    if (deployment.spec.paused || isScaling(deployment, owned()))
      await scaleAll(deployment, stepOfScaling(deployment, current(), old()))
    else if (deployment.spec.strategy.type === 'Recreate' && old().some(hasPods)) {
      waitingForPods.add(key)
      if (current()) await takeOver(deployment, current()!, owned())
      await scaleAll(deployment, stepOfRecreate(old()))
    } else {
      if (current()) await takeOver(deployment, current()!, owned())
      else {
        await create(deployment, hash, owned())
        found = 'created'
      }
      await scaleAll(deployment, stepOfRollout(deployment, current()!, old()))
    }
    if (deployment.spec.paused || isComplete(deployment)) await forgetHistory(deployment, old())
    await noteRevision(deployment, current())
    await conclude(key, { deployment, current: current(), all: owned(), found })
  }
  const hasPods = (replicaSet: KubernetesObject) =>
    replicaSet.spec.replicas > 0 || pods.of(replicaSet.metadata.uid!).some((pod) => !hasEnded(pod))

  const create = async (deployment: KubernetesObject, hash: string, owned: KubernetesObject[]) => {
    const replicas = sizeOfNew(deployment, owned)
    const replicaSet = replicaSetFrom(deployment, { hash, replicas, owned })
    await client.create(resources.replicaSets, replicaSet)
    if (replicas > 0) await tellScaled(deployment, replicaSet.metadata.name, 0, replicas)
  }

  /** The ReplicaSet of the template: it has the newest revision and the Deployment's annotations. */
  const takeOver = async (
    deployment: KubernetesObject,
    current: KubernetesObject,
    owned: KubernetesObject[],
  ) => {
    const changes = takenOver(deployment, current, owned)
    if (!changes) return
    const { name, namespace } = current.metadata
    await client.patch(resources.replicaSets, { name, namespace }, changes)
  }

  const scaleAll = async (deployment: KubernetesObject, plan: Scaling[]) => {
    for (const { replicaSet, replicas } of plan) {
      const { name, namespace } = replicaSet.metadata
      const metadata = { annotations: sizeNotes(deployment) }
      await client.patch(resources.replicaSets, { name, namespace }, { metadata, spec: { replicas } })
      if (replicaSet.spec.replicas !== replicas)
        await tellScaled(deployment, name, replicaSet.spec.replicas, replicas)
    }
  }
  const tellScaled = (deployment: KubernetesObject, replicaSet: string, from: number, to: number) => {
    const direction = to > from ? 'up' : 'down'
    const message = `Scaled ${direction} replica set ${replicaSet} from ${from} to ${to}`
    return control.record(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message })
  }

  const forgetHistory = async ({ spec }: KubernetesObject, old: KubernetesObject[]) => {
    const oldestFirst = [...old].sort((one, other) => revisionOf(one) - revisionOf(other))
    const surplus = oldestFirst.slice(0, Math.max(0, old.length - spec.revisionHistoryLimit))
    for (const { metadata } of surplus.filter(mayForget))
      await client.delete(resources.replicaSets, { name: metadata.name, namespace: metadata.namespace })
  }

  const noteRevision = async (deployment: KubernetesObject, current: KubernetesObject | undefined) => {
    const { name, namespace, annotations } = deployment.metadata
    const revision = current?.metadata.annotations?.[revisionAnnotation]
    if (!revision || annotations?.[revisionAnnotation] === revision) return
    const patch = { metadata: { annotations: { [revisionAnnotation]: revision } } }
    // Beside the status, so that it is no new generation.
    await client.patch(resources.deployments, { name, namespace }, patch, 'status')
  }

  const conclude = async (
    key: string,
    facts: {
      deployment: KubernetesObject
      current: KubernetesObject | undefined
      all: KubernetesObject[]
      found: 'created' | 'known'
    },
  ) => {
    const { name, namespace } = facts.deployment.metadata
    const fresh = deployments.get(name, namespace) ?? facts.deployment
    const status = statusOf(fresh, facts)
    await writeStatus({ client, type: resources.deployments, object: fresh, status })
    const progressing = conditionOf(status, 'Progressing')
    const deadlineSeconds = facts.deployment.spec.progressDeadlineSeconds
    if (progressing?.status !== 'True' || progressing.reason === 'NewReplicaSetAvailable') return
    // Comes back when the deadline of a rollout that goes on is over.
    const at = Date.parse(progressing.lastUpdateTime) + deadlineSeconds * 1000
    queue.addAfter(key, Math.max(0, at - Date.now()) + 1000)
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

function hasEnded(pod: KubernetesObject): boolean {
  return !isActivePod(pod) && !pod.metadata.deletionTimestamp
}
