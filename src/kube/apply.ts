import { isLabError, LabError } from '../errors.ts'
import { describeObject, type KubernetesObject } from '../kubernetes-object.ts'
import { processAnnotation, processMark } from '../process-mark.ts'
import type { Api } from './api.ts'
import type { ApplyOptions } from './client.ts'
import { inOrder } from './order.ts'
import { type Resource, resourcePath } from './resources.ts'
import { parseStatus, refusal } from './status.ts'
import { throwIfAborted, watchUntil } from './watch.ts'

export const runLabel = 'ztlab.dev/run'

/** Strict: by default an API server drops a field that it does not know, and only warns. */
const applyOptions = 'fieldManager=ztlab&force=true&fieldValidation=Strict'

/** See KubeClient.apply. */
export async function applyAll(
  api: Api,
  objects: KubernetesObject[],
  options: ApplyOptions,
): Promise<KubernetesObject[]> {
  const stored = new Map<KubernetesObject, KubernetesObject>()
  const refused: LabError[] = []
  for (const group of inOrder(objects)) {
    throwIfAborted(options.signal)
    const failed = refused.length
    await eachOf(group.objects, async (object) => {
      try {
        stored.set(object, await applyOne(api, object, options))
      } catch (error) {
        if (!isLabError(error) || error.problems.length === 0) throw error
        refused.push(error)
      }
    })
    // Without its Namespace or definition every later object would fail for the same reason.
    if (group.foundation && refused.length > failed) break
    await Promise.all(group.objects.map((object) => established(api, object, options.signal)))
  }
  if (refused.length > 0) throw together(refused)
  return objects.map((object) => stored.get(object)!)
}

async function applyOne(
  api: Api,
  object: KubernetesObject,
  options: ApplyOptions,
): Promise<KubernetesObject> {
  const toStore = marked(await api.calico.toStored(object), options.runId)
  const resource = await api.resources.demand(toStore.apiVersion, toStore.kind)
  const namespace = resource.namespaced ? (toStore.metadata.namespace ?? 'default') : undefined
  const path = `${resourcePath(resource, namespace, toStore.metadata.name)}?${applyOptions}`
  const request = {
    method: 'PATCH',
    contentType: 'application/apply-patch+yaml',
    body: JSON.stringify(toStore),
    ...(options.signal && { signal: options.signal }),
  }
  let answer = await api.transport.request(path, request)
  if (answer.status === 403 && lacksServiceAccount(parseStatus(answer).message)) {
    await serviceAccountOf(api, toStore, options.signal)
    answer = await api.transport.request(path, request)
  }
  if (answer.status >= 400) throw refusal(answer, describeObject(object))
  return api.calico.restore(JSON.parse(answer.body) as KubernetesObject)
}

function marked(object: KubernetesObject, runId: string | undefined): KubernetesObject {
  if (runId === undefined) return object
  const labels = { ...object.metadata.labels, [runLabel]: runId }
  const annotations = { ...object.metadata.annotations, [processAnnotation]: processMark() }
  return { ...object, metadata: { ...object.metadata, labels, annotations } }
}

/** A new Namespace gets its ServiceAccount a moment later, and until then the API forbids Pods in it. */
function lacksServiceAccount(message = ''): boolean {
  return message.includes('error looking up service account')
}

async function serviceAccountOf(api: Api, pod: KubernetesObject, signal?: AbortSignal): Promise<void> {
  const resource: Resource = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    plural: 'serviceaccounts',
    namespaced: true,
  }
  const name = pod.spec?.serviceAccountName ?? 'default'
  await watchUntil(
    api.transport,
    { resource, namespace: pod.metadata.namespace ?? 'default', until: (accounts) => accounts.has(name) },
    AbortSignal.any([AbortSignal.timeout(10_000), ...(signal ? [signal] : [])]),
  )
}

/** A CustomResourceDefinition serves its kind only after its condition says so. */
async function established(api: Api, object: KubernetesObject, signal?: AbortSignal): Promise<void> {
  if (object.kind !== 'CustomResourceDefinition') return
  const resource = await api.resources.demand(object.apiVersion, object.kind)
  const isEstablished = (crd: KubernetesObject | undefined) =>
    crd?.status?.conditions?.some(
      (condition: { type: string; status: string }) =>
        condition.type === 'Established' && condition.status === 'True',
    ) ?? false
  await watchUntil(
    api.transport,
    { resource, until: (crds) => isEstablished(crds.get(object.metadata.name)) },
    AbortSignal.any([AbortSignal.timeout(30_000), ...(signal ? [signal] : [])]),
  )
}

/** Eight at a time: more only queue in the API server. */
async function eachOf<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(8, items.length) }, worker))
}

function together(refused: LabError[]): LabError {
  if (refused.length === 1) return refused[0]!
  return new LabError({
    code: refused[0]!.code,
    message: `the API server refused ${refused.length} objects`,
    problems: refused.flatMap((error) => error.problems),
    hint: refused[0]!.hint!,
  })
}
