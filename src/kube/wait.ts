import { LabError } from '../errors.ts'
import { describeObject, type KubernetesObject } from '../kubernetes-object.ts'
import type { Api } from './api.ts'
import type { WaitOptions } from './client.ts'
import { type Resource, resourcePath } from './resources.ts'
import { type ServiceWait, serviceWaits, whyServiceWaits } from './wait-service.ts'
import { type Snapshot, throwIfAborted, watchUntil } from './watch.ts'

/** See KubeClient.waitReady. */
export async function waitReady(api: Api, objects: KubernetesObject[], options: WaitOptions): Promise<void> {
  const timeoutMs = options.timeoutMs ?? 60_000
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline
  const groups = await groupByPlace(api, objects)
  const waiting = await Promise.all([
    ...groups.map((group) => awaitGroup(api, { ...group, failFast: options.failFast ?? false }, signal)),
    ...serviceWaits(objects).map((wait) => awaitEndpoints(api, wait, signal)),
  ])
  throwIfAborted(options.signal)
  const late = waiting.flat()
  if (late.length === 0) return
  const after = deadline.aborted ? `after ${timeoutMs} ms` : 'and will not be'
  throw new LabError({
    code: 'timeout',
    message: `${late.length} objects are not ready ${after}`,
    problems: await Promise.all(late.map((one) => complaint(api, one))),
    hint: `kubectl describe ${late[0]!.object.kind.toLowerCase()} ${kubectlName(late[0]!.object)}`,
  })
}

/** Why an object is not ready yet, or null where it is. Pure. */
export function whyNotReady(object: KubernetesObject | undefined): string | null {
  if (!object) return 'does not exist'
  if (object.kind === 'Pod') return whyPodWaits(object)
  if (object.kind === 'Node') return whyNodeWaits(object)
  if (object.kind === 'Deployment') return whyDeploymentWaits(object)
  if (object.kind === 'DaemonSet') return whyDaemonSetWaits(object)
  return null
}

interface Group {
  resource: Resource
  namespace?: string
  objects: KubernetesObject[]
}

interface Late {
  object: KubernetesObject
  why: string
}

async function groupByPlace(api: Api, objects: KubernetesObject[]): Promise<Group[]> {
  const groups = new Map<string, Group>()
  for (const object of objects) {
    if (!['Node', 'Pod', 'Deployment', 'DaemonSet'].includes(object.kind)) continue
    const resource = await api.resources.demand(object.apiVersion, object.kind)
    const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : undefined
    const key = resourcePath(resource, namespace)
    const group = groups.get(key) ?? { resource, ...(namespace && { namespace }), objects: [] }
    group.objects.push(object)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** What nobody has looked at in time is not ready. */
const unseen = 'the API server did not tell of it in time'

/** Reasons of a waiting container that more patience seldom helps. */
const hopeless = /(ImagePull|ErrImage|InvalidImage|CreateContainer|RunContainer)\w*/

async function awaitGroup(
  api: Api,
  group: Group & { failFast: boolean },
  signal: AbortSignal,
): Promise<Late[]> {
  let late: Late[] = group.objects.map((object) => ({ object, why: unseen }))
  await watchUntil(
    api.transport,
    {
      ...group,
      until: (snapshot) => {
        late = group.objects.flatMap((object) => {
          const current = snapshot.get(object.metadata.name)
          const why = whyNotReady(current && { ...current, kind: object.kind })
          return why === null ? [] : [{ object, why }]
        })
        return late.length === 0 || (group.failFast && late.some(({ why }) => hopeless.test(why)))
      },
    },
    signal,
  )
  return late
}

async function awaitEndpoints(api: Api, wait: ServiceWait, signal: AbortSignal): Promise<Late[]> {
  const resource = await api.resources.demand('discovery.k8s.io/v1', 'EndpointSlice')
  const { namespace, service } = wait
  let why: string | null = unseen
  const until = (slices: Snapshot) => {
    why = whyServiceWaits(wait, [...slices.values()])
    return why === null
  }
  await watchUntil(api.transport, { resource, namespace, until }, signal)
  return why === null ? [] : [{ object: service, why }]
}

interface ContainerStatus {
  name: string
  state?: {
    waiting?: { reason?: string; message?: string }
    terminated?: { reason?: string; exitCode: number }
  }
}

function whyPodWaits({ status = {}, spec = {}, metadata }: KubernetesObject): string | null {
  if (metadata.deletionTimestamp) return 'is being deleted'
  if (status.phase === 'Succeeded') return null
  const conditions: { type: string; status: string; reason?: string; message?: string }[] =
    status.conditions ?? []
  if (conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) return null
  const containers: ContainerStatus[] = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
  ]
  for (const { name, state } of containers) {
    if (state?.waiting?.reason) {
      return `container ${name} waits: ${[state.waiting.reason, state.waiting.message].filter(Boolean).join(': ')}`
    }
    if (state?.terminated && state.terminated.exitCode !== 0) {
      return `container ${name} ended with exit code ${state.terminated.exitCode} (${state.terminated.reason ?? 'no reason'})`
    }
  }
  const unscheduled = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  if (unscheduled) return `is not scheduled: ${unscheduled.message ?? unscheduled.reason}`
  return spec.nodeName ? `is ${status.phase ?? 'Pending'} on ${spec.nodeName}` : 'is not scheduled yet'
}

function whyNodeWaits({ status = {} }: KubernetesObject): string | null {
  const conditions: { type: string; status: string; message?: string }[] = status.conditions ?? []
  const ready = conditions.find(({ type }) => type === 'Ready')
  return ready?.status === 'True' ? null : (ready?.message ?? 'has not reported yet')
}

function whyDeploymentWaits({ status = {}, spec = {}, metadata }: KubernetesObject): string | null {
  const wanted = spec.replicas ?? 1
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return 'its change has not been taken up yet'
  const updated = status.updatedReplicas ?? 0
  const available = status.availableReplicas ?? 0
  if (updated >= wanted && available >= wanted) return null
  return `${available} of ${wanted} pods are available`
}

function whyDaemonSetWaits({ status = {}, metadata }: KubernetesObject): string | null {
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return 'its change has not been taken up yet'
  const wanted = status.desiredNumberScheduled ?? 0
  const ready = status.numberReady ?? 0
  if (wanted > 0 && ready >= wanted && (status.updatedNumberScheduled ?? 0) >= wanted) return null
  return `${ready} of ${wanted} pods are ready`
}

async function complaint(api: Api, { object, why }: Late): Promise<string> {
  const event = await lastEvent(api, object).catch(() => null)
  return `${describeObject(object)}: ${why}${event ? ` (last event: ${event})` : ''}`
}

async function lastEvent(api: Api, object: KubernetesObject): Promise<string | null> {
  const namespace = encodeURIComponent(object.metadata.namespace ?? 'default')
  const answer = await api.transport.request(`/api/v1/namespaces/${namespace}/events`, { timeoutMs: 3000 })
  if (answer.status !== 200) return null
  const { items } = JSON.parse(answer.body) as { items: KubernetesObject[] }
  const about = items.filter(({ involvedObject }) => involvedObject?.name === object.metadata.name)
  const time = (event: KubernetesObject) => String(event.lastTimestamp ?? event.eventTime ?? '')
  const last = about.sort((one, other) => time(one).localeCompare(time(other))).at(-1)
  return last ? `${last.reason}: ${last.message}` : null
}

function kubectlName(object: KubernetesObject): string {
  return `${object.metadata.name} -n ${object.metadata.namespace ?? 'default'}`
}
