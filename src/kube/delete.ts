import { LabError } from '../errors.ts'
import { describeObject, type KubernetesObject } from '../kubernetes-object.ts'
import type { Api } from './api.ts'
import type { DeleteOptions } from './client.ts'
import { inOrder } from './order.ts'
import { type Resource, resourcePath } from './resources.ts'
import { refusal } from './status.ts'
import { throwIfAborted, watchUntil } from './watch.ts'

/** See KubeClient.delete. */
export async function deleteAll(
  api: Api,
  objects: KubernetesObject[],
  options: DeleteOptions,
): Promise<void> {
  const timeoutMs = options.timeoutMs ?? 60_000
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline
  for (const group of inOrder(objects).reverse()) {
    const placed = (await Promise.all(group.objects.map((object) => place(api, object)))).filter(
      (one) => one !== null,
    )
    const deleted = (await Promise.all(placed.map((one) => deleteOne(api, one, options)))).filter(
      (one) => one !== null,
    )
    const left = await awaitGone(api, deleted, signal)
    throwIfAborted(options.signal)
    if (left.length > 0) throw stuck(left, timeoutMs)
  }
}

interface Placed {
  resource: Resource
  namespace?: string
  object: KubernetesObject
  /** Under which it may be stored. */
  names: string[]
}

interface Deleted extends Placed {
  /** Under which it was stored. */
  name: string
}

/** Null where the cluster does not serve the kind: then there is no such object. */
async function place(api: Api, object: KubernetesObject): Promise<Placed | null> {
  const apiVersion = await api.calico.storedVersion(object.apiVersion)
  const resource = await api.resources.find(apiVersion, object.kind)
  if (!resource) return null
  return {
    resource,
    object,
    names: await api.calico.storedNames(object.apiVersion, object.kind, object.metadata.name),
    ...(resource.namespaced && { namespace: object.metadata.namespace ?? 'default' }),
  }
}

/** Null where there was no such object. */
async function deleteOne(api: Api, placed: Placed, options: DeleteOptions): Promise<Deleted | null> {
  const { resource, namespace, object, names } = placed
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Background',
    ...(options.gracePeriodSeconds !== undefined && { gracePeriodSeconds: options.gracePeriodSeconds }),
  })
  for (const name of names) {
    const answer = await api.transport.request(resourcePath(resource, namespace, name), {
      method: 'DELETE',
      body,
      ...(options.signal && { signal: options.signal }),
    })
    if (answer.status < 400) return { ...placed, name }
    if (answer.status !== 404) throw refusal(answer, describeObject(object))
  }
  return null
}

/** One watch per kind and namespace; returns what still stood when `signal` was aborted. */
async function awaitGone(api: Api, deleted: Deleted[], signal: AbortSignal): Promise<KubernetesObject[]> {
  const groups = groupBy(deleted, ({ resource, namespace }) => resourcePath(resource, namespace))
  const left = await Promise.all(
    [...groups.values()].map(async (group) => {
      let standing = group
      await watchUntil(
        api.transport,
        {
          ...group[0]!,
          until: (objects) => {
            standing = standing.filter(({ name }) => objects.has(name))
            return standing.length === 0
          },
        },
        signal,
      )
      return standing.map(({ object }) => object)
    }),
  )
  return left.flat()
}

function stuck(left: KubernetesObject[], timeoutMs: number): LabError {
  return new LabError({
    code: 'timeout',
    message: `${left.length} objects are still there ${timeoutMs} ms after they were deleted`,
    problems: left.map((object) => `${describeObject(object)}: still there; a finalizer may hold it`),
    hint: `kubectl get ${left[0]!.kind} ${left[0]!.metadata.name} -o yaml`,
  })
}

function groupBy<T>(items: T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}
