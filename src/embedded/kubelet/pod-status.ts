import type { KubernetesObject } from '../../kubernetes-object.ts'

/** A container's state as the API shows it. */
export type ContainerState =
  | { waiting: { reason: string; message?: string } }
  | { running: { startedAt: string } }
  | { terminated: TerminatedState }

export interface TerminatedState {
  exitCode: number
  reason: string
  message?: string
  signal?: number
  startedAt: string
  finishedAt: string
  containerID: string
}

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
}

export interface PodFacts {
  hostIp: string
  podIp: string | null
  startTime: string
  sandboxReady: boolean
  containers: ContainerRecord[]
}

/** RFC 3339 in whole seconds, as the API writes times. */
export function apiTime(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}

/** `status` of a pod, by the rules of the kubelet. `pod` is what the API holds; its own conditions are kept. */
export function podStatus(pod: KubernetesObject, facts: PodFacts, now: Date): object {
  const { containers } = facts
  const phase = podPhase(pod.spec.restartPolicy ?? 'Always', containers)
  const unready = containers.filter((each) => !each.ready).map((each) => each.name)
  const isOver = phase === 'Succeeded' || phase === 'Failed'
  const readiness = {
    status: !isOver && unready.length === 0,
    ...(isOver
      ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
      : unready.length > 0
        ? { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` }
        : {}),
  }
  return {
    phase,
    hostIP: facts.hostIp,
    hostIPs: [{ ip: facts.hostIp }],
    ...(facts.podIp ? { podIP: facts.podIp, podIPs: [{ ip: facts.podIp }] } : {}),
    startTime: facts.startTime,
    qosClass: qosClass(pod),
    conditions: conditions(pod, now, {
      PodReadyToStartContainers: { status: facts.sandboxReady },
      Initialized: { status: true },
      Ready: readiness,
      ContainersReady: readiness,
    }),
    containerStatuses: containers.map(containerStatus),
  }
}

/** Guaranteed, Burstable or BestEffort, from requests and limits. */
export function qosClass(pod: KubernetesObject): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const all: { limits?: Record<string, string>; requests?: Record<string, string> }[] =
    pod.spec.containers.map((container: { resources?: object }) => container.resources ?? {})
  if (all.every(({ limits, requests }) => !hasKeys(limits) && !hasKeys(requests))) return 'BestEffort'
  const isGuaranteed = all.every(({ limits = {}, requests = limits }) =>
    ['cpu', 'memory'].every((name) => limits[name] && (requests[name] ?? limits[name]) === limits[name]),
  )
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

function podPhase(restartPolicy: string, containers: ContainerRecord[]): string {
  const ended = containers.filter((each) => 'terminated' in each.state)
  const willRestart = (each: ContainerRecord) =>
    restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCodeOf(each) !== 0)
  if (ended.length === containers.length && !ended.some(willRestart)) {
    return ended.every((each) => exitCodeOf(each) === 0) ? 'Succeeded' : 'Failed'
  }
  const hasStarted = (each: ContainerRecord) => !('waiting' in each.state) || each.lastState.terminated
  return containers.every(hasStarted) ? 'Running' : 'Pending'
}

function exitCodeOf({ state }: ContainerRecord): number {
  return 'terminated' in state ? state.terminated.exitCode : 0
}

function containerStatus(record: ContainerRecord): object {
  return {
    name: record.name,
    image: record.image,
    imageID: record.imageId,
    ...(record.containerId ? { containerID: `runc://${record.containerId}` } : {}),
    state: record.state,
    lastState: record.lastState,
    ready: record.ready,
    started: 'running' in record.state,
    restartCount: record.restartCount,
  }
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
    return { type, status: text, lastProbeTime: null, lastTransitionTime, ...why }
  })
  return [...ours, ...known.filter(({ type }) => !(type in facts))]
}

function hasKeys(object: object | undefined): boolean {
  return object !== undefined && Object.keys(object).length > 0
}
