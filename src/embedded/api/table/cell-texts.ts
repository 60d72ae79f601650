import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { isSidecar } from '../../../sidecar.ts'
import { duration } from './duration.ts'

// biome-ignore lint/suspicious/noExplicitAny: statuses as the kubelet wrote them
type Json = any

/** The STATUS column of a pod: what its init containers or containers wait or ended for, before the phase. */
export function podStatus({ status, spec, metadata }: KubernetesObject): string {
  if (metadata.deletionTimestamp) return status?.reason === 'NodeLost' ? 'Unknown' : 'Terminating'
  const initial = initStatus(spec, status)
  if (initial) return initial
  const states: Json[] = (status?.containerStatuses ?? []).map((each: Json) => each.state ?? {})
  const waiting = states.find((state) => state.waiting?.reason)?.waiting.reason
  const terminated = states.find((state) => state.terminated)?.terminated
  if (waiting) return waiting
  if (terminated && !(states.some((state) => state.running) && terminated.reason === 'Completed')) {
    if (terminated.reason) return terminated.reason
    return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`
  }
  if (terminated) return status.conditions?.some(isReady) ? 'Running' : 'NotReady'
  if (
    status?.conditions?.some(
      (each: Json) => each.type === 'PodScheduled' && each.reason === 'SchedulingGated',
    )
  )
    return 'SchedulingGated'
  return status?.reason ?? status?.phase ?? 'Unknown'
}

export function podReady({ status, spec }: KubernetesObject): string {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar)
  const names = new Set(sidecars.map((each: Json) => each.name))
  const all = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter((each: Json) => names.has(each.name)),
  ]
  return `${all.filter((each: Json) => each.ready).length}/${spec.containers.length + sidecars.length}`
}

/** How often the containers that go on were restarted, and when last. */
export function podRestarts({ status, spec }: KubernetesObject): string {
  const sidecars = (spec.initContainers ?? []).filter(isSidecar)
  const names = new Set(sidecars.map((each: Json) => each.name))
  const initial: Json[] = status?.initContainerStatuses ?? []
  const isOver = status?.conditions?.some(
    (each: Json) => each.type === 'Initialized' && each.status === 'True',
  )
  // Until they have done their part, those of the start are counted.
  const counted: Json[] = isOver
    ? [...initial.filter((each) => names.has(each.name)), ...(status?.containerStatuses ?? [])]
    : initial.length > 0
      ? initial
      : (status?.containerStatuses ?? [])
  const count = counted.reduce((total, each) => total + (each.restartCount ?? 0), 0)
  const ends = counted.map((each) => Date.parse(each.lastState?.terminated?.finishedAt ?? ''))
  const last = Math.max(0, ...ends.filter((end) => !Number.isNaN(end)))
  return count > 0 && last > 0 ? `${count} (${duration(Date.now() - last)} ago)` : String(count)
}

export function nodeStatus({ status, spec }: KubernetesObject): string {
  const ready = status?.conditions?.find(isOfReady)
  const text = ready?.status === 'True' ? 'Ready' : ready ? 'NotReady' : 'Unknown'
  return spec?.unschedulable ? `${text},SchedulingDisabled` : text
}

export function nodeRoles({ metadata }: KubernetesObject): string {
  const prefix = 'node-role.kubernetes.io/'
  const found = Object.keys(metadata.labels ?? {}).filter((label) => label.startsWith(prefix))
  return found.map((label) => label.slice(prefix.length)).join(',') || '<none>'
}

export function nodeAddress({ status }: KubernetesObject): string {
  return status?.addresses?.find((each: Json) => each.type === 'InternalIP')?.address ?? '<none>'
}

/** `Init:1/2`, `Init:Error` …, while a container of the start has not done its part. */
function initStatus(spec: Json, status: Json): string | null {
  const total = spec.initContainers?.length ?? 0
  for (const [index, each] of (status?.initContainerStatuses ?? []).entries()) {
    const { terminated, waiting } = each.state ?? {}
    const stays = isSidecar(spec.initContainers?.[index] ?? {})
    if (terminated?.exitCode === 0 || (stays && each.started)) continue
    if (terminated) return `Init:${terminated.reason ?? `ExitCode:${terminated.exitCode}`}`
    if (waiting?.reason && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`
    return `Init:${index}/${total}`
  }
  return null
}

function isOfReady(condition: Json): boolean {
  return condition.type === 'Ready'
}

function isReady(condition: Json): boolean {
  return condition.type === 'Ready' && condition.status === 'True'
}
