import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isSidecar } from '../../sidecar.ts'
import { apiTime } from '../api-time.ts'
import { qosClass } from '../qos-class.ts'
import type { ContainerFields } from './container-fields.ts'
import { statusContainerId } from './container-id.ts'
import type { ContainerState, TerminatedState } from './container-state.ts'

/** What the kubelet knows of one container. */
export interface ContainerRecord {
  name: string
  image: string
  imageId: string
  containerId: string
  state: ContainerState
  lastState: { terminated?: TerminatedState }
  restartCount: number
  ready: boolean
  /** Its startup probe has succeeded, or it has none. */
  started: boolean
}

/** Of a container that has not run yet. */
export function newRecord({ name, image }: ContainerFields, imageId: string): ContainerRecord {
  return {
    ...{ name, image, imageId, containerId: '', restartCount: 0 },
    ...{ state: { waiting: { reason: 'ContainerCreating' } }, lastState: {} },
    ...{ ready: false, started: false },
  }
}

export interface PodFacts {
  hostIps: string[]
  /** One of each family of the cluster; empty while it has none. */
  podIps: string[]
  startTime: string
  sandboxReady: boolean
  containers: ContainerRecord[]
  initContainers?: ContainerRecord[]
  ephemeralContainers?: ContainerRecord[]
  /** Why the kubelet has ended the pod, such as its deadline. */
  failure?: { reason: string; message: string } | null
}

/** `status` of a pod, by the rules of the kubelet. `pod` is what the API holds; its own conditions are kept. */
export function podStatus(pod: KubernetesObject, facts: PodFacts, now: Date): object {
  const { containers, initContainers = [], ephemeralContainers = [], failure } = facts
  const sidecars = namesOfSidecars(pod)
  const uninitialized = initContainers.filter((each) => !isInitialized(each, sidecars))
  const phase = failure ? 'Failed' : podPhase(pod, facts)
  const needed = [...initContainers.filter(({ name }) => sidecars.has(name)), ...containers]
  const unready = needed.filter((each) => !each.ready).map((each) => each.name)
  const isOver = phase === 'Succeeded' || phase === 'Failed'
  const readiness = {
    status: !isOver && unready.length === 0,
    ...(isOver
      ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
      : unready.length > 0
        ? { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` }
        : {}),
  }
  const shown = (record: ContainerRecord) => containerStatus(record, pod.spec)
  return {
    observedGeneration: pod.metadata.generation,
    phase,
    ...(failure ?? {}),
    hostIP: facts.hostIps[0],
    hostIPs: facts.hostIps.map((ip) => ({ ip })),
    ...(facts.podIps.length > 0
      ? { podIP: facts.podIps[0], podIPs: facts.podIps.map((ip) => ({ ip })) }
      : {}),
    startTime: facts.startTime,
    qosClass: qosClass(pod.spec),
    conditions: conditions(pod, now, {
      PodReadyToStartContainers: { status: facts.sandboxReady },
      Initialized: initialization(uninitialized),
      Ready: readiness,
      ContainersReady: readiness,
      ...(failure?.reason === 'Evicted' ? { DisruptionTarget: disruption(failure.message) } : {}),
    }),
    containerStatuses: containers.map(shown),
    ...(initContainers.length > 0
      ? { initContainerStatuses: initContainers.map((record) => shown(initialised(record))) }
      : {}),
    ...(ephemeralContainers.length > 0 ? { ephemeralContainerStatuses: ephemeralContainers.map(shown) } : {}),
  }
}

function disruption(message: string): ConditionFacts {
  return { status: true, reason: 'TerminationByKubelet', message }
}

function initialization(uninitialized: ContainerRecord[]): ConditionFacts {
  if (uninitialized.length === 0) return { status: true }
  const names = uninitialized.map(({ name }) => name).join(' ')
  return {
    status: false,
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${names}]`,
  }
}

/** An init container has to succeed; one that always restarts has to start. */
function isInitialized(record: ContainerRecord, sidecars: Set<string>): boolean {
  if (sidecars.has(record.name)) return record.started || 'terminated' in record.state
  return 'terminated' in record.state && exitCodeOf(record) === 0
}

function namesOfSidecars({ spec }: KubernetesObject): Set<string> {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar)
  return new Set(sidecars.map(({ name }: { name: string }) => name))
}

function podPhase(pod: KubernetesObject, { containers, initContainers = [] }: PodFacts): string {
  const restartPolicy = pod.spec.restartPolicy ?? 'Always'
  const sidecars = namesOfSidecars(pod)
  const failedInit = initContainers.some((each) => !sidecars.has(each.name) && exitCodeOf(each) !== 0)
  if (failedInit && restartPolicy === 'Never') return 'Failed'
  const ended = containers.filter((each) => 'terminated' in each.state)
  // Of a pod that is being deleted, what has ended is not started again, whatever its policy.
  const willRestart = (each: ContainerRecord) =>
    !pod.metadata.deletionTimestamp &&
    (restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCodeOf(each) !== 0))
  const isServed = initContainers.some(({ name, state }) => sidecars.has(name) && 'running' in state)
  if (ended.length === containers.length && !ended.some(willRestart)) {
    // Its sidecars end after it, and the pod with them.
    if (isServed) return 'Running'
    return ended.every((each) => exitCodeOf(each) === 0) ? 'Succeeded' : 'Failed'
  }
  const hasStarted = (each: ContainerRecord) => !('waiting' in each.state) || each.lastState.terminated
  return containers.every(hasStarted) ? 'Running' : 'Pending'
}

function exitCodeOf({ state }: ContainerRecord): number {
  return 'terminated' in state ? state.terminated.exitCode : 0
}

/** An init container that has succeeded is ready. */
function initialised(record: ContainerRecord): ContainerRecord {
  const hasSucceeded = 'terminated' in record.state && exitCodeOf(record) === 0
  return { ...record, ready: record.ready || hasSucceeded }
}

function containerStatus(record: ContainerRecord, spec: KubernetesObject['spec']): object {
  const all = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  const { resources, volumeMounts = [] } = all.find(({ name }) => name === record.name) ?? {}
  return {
    name: record.name,
    image: record.image,
    imageID: record.imageId,
    ...(record.containerId ? { containerID: statusContainerId(record.containerId) } : {}),
    state: record.state,
    lastState: record.lastState,
    ready: record.ready,
    started: record.started && 'running' in record.state,
    restartCount: record.restartCount,
    ...(resources?.requests ? { allocatedResources: resources.requests } : {}),
    resources: resources ?? {},
    ...(volumeMounts.length > 0 ? { volumeMounts: volumeMounts.map(mountStatus) } : {}),
  }
}

interface Mount {
  name: string
  mountPath: string
  readOnly?: boolean
}

/** What is mounted: everything below a mount that may only be read is not asked to be so. */
function mountStatus({ name, mountPath, readOnly }: Mount): object {
  const flags = readOnly ? { readOnly, recursiveReadOnly: 'Disabled' } : {}
  return { name, mountPath, ...flags }
}

interface ConditionFacts {
  status: boolean
  reason?: string
  message?: string
}

interface Condition {
  type: string
  status: string
  lastTransitionTime?: string
}

function conditions(pod: KubernetesObject, now: Date, facts: Record<string, ConditionFacts>): object[] {
  const known: Condition[] = pod.status?.conditions ?? []
  const ours = Object.entries(facts).map(([type, { status, ...why }]) => {
    const text = status ? 'True' : 'False'
    const before = known.find((each) => each.type === type)
    const lastTransitionTime = before?.status === text ? before.lastTransitionTime : apiTime(now)
    const observedGeneration = pod.metadata.generation
    return { type, status: text, observedGeneration, lastProbeTime: null, lastTransitionTime, ...why }
  })
  const others = known.filter(({ type }) => !(type in facts))
  // The scheduler's own does not say it; a kubelet adds it.
  return [...ours, ...others.map((each) => ({ observedGeneration: pod.metadata.generation, ...each }))]
}
