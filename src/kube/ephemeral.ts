import { LabError } from '../errors.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'
import type { Api } from './api.ts'
import type { EphemeralRequest } from './client.ts'
import { resourcePath } from './resources.ts'
import { refusal } from './status.ts'
import { throwIfAborted, watchUntil } from './watch.ts'

/** See KubeClient.addEphemeralContainer. */
export async function addEphemeralContainer(api: Api, request: EphemeralRequest): Promise<string> {
  const { namespace, pod, name, timeoutMs = 60_000 } = request
  const where = `${namespace}/${pod}`
  const resource = await api.resources.demand('v1', 'Pod')
  const path = resourcePath(resource, namespace, pod)
  const current = await api.transport.request(path, signalOf(request))
  if (current.status !== 200) throw refusal(current, `Pod ${where}`)
  const running = runningOf(JSON.parse(current.body) as KubernetesObject, name)
  if (running) return running
  const container = `${name}-${Date.now().toString(36)}`
  const answer = await api.transport.request(`${path}/ephemeralcontainers`, {
    method: 'PATCH',
    contentType: 'application/strategic-merge-patch+json',
    body: JSON.stringify({ spec: { ephemeralContainers: [specOf(request, container)] } }),
    ...signalOf(request),
  })
  if (answer.status !== 200) throw refusal(answer, `ephemeral container in ${where}`)
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = request.signal ? AbortSignal.any([deadline, request.signal]) : deadline
  let state: ContainerState | undefined
  const until = (pods: Map<string, KubernetesObject>) => {
    state = stateOf(pods.get(pod), container)
    return Boolean(state?.running || state?.terminated || hopeless.test(state?.waiting?.reason ?? ''))
  }
  await watchUntil(api.transport, { resource, namespace, until }, signal)
  throwIfAborted(request.signal)
  if (state?.running) return container
  throw notStarted(where, state, timeoutMs)
}

interface ContainerState {
  running?: object
  waiting?: { reason?: string; message?: string }
  terminated?: { reason?: string; exitCode: number }
}

const hopeless = /ImagePull|InvalidImage|CreateContainer|RunContainer/

/** One of an earlier round does as well: they cannot be taken away again. */
function runningOf(pod: KubernetesObject, name: string): string | undefined {
  const statuses = (pod.status?.ephemeralContainerStatuses ?? []) as {
    name: string
    state?: ContainerState
  }[]
  return statuses.find((one) => one.name.startsWith(`${name}-`) && one.state?.running)?.name
}

function stateOf(pod: KubernetesObject | undefined, container: string): ContainerState | undefined {
  const statuses = (pod?.status?.ephemeralContainerStatuses ?? []) as {
    name: string
    state?: ContainerState
  }[]
  return statuses.find(({ name }) => name === container)?.state
}

/** As the `restricted` Pod Security Standard wants it: a namespace may enforce that. */
function specOf({ image, command }: EphemeralRequest, name: string): object {
  return {
    name,
    image,
    command,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  }
}

function notStarted(where: string, state: ContainerState | undefined, timeoutMs: number): LabError {
  const { waiting, terminated } = state ?? {}
  const why = terminated
    ? `it ended with exit code ${terminated.exitCode} (${terminated.reason ?? 'no reason'})`
    : [waiting?.reason ?? 'it did not start', waiting?.message].filter(Boolean).join(': ')
  return new LabError({
    code: terminated || hopeless.test(waiting?.reason ?? '') ? 'command-failed' : 'timeout',
    message: `an ephemeral container in ${where} does not run after at most ${timeoutMs} ms`,
    cause: why,
    hint: `kubectl describe pod ${where.split('/')[1]} -n ${where.split('/')[0]}`,
  })
}

function signalOf({ signal }: EphemeralRequest): { signal?: AbortSignal } {
  return signal ? { signal } : {}
}
