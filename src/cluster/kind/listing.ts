import { createHash } from 'node:crypto'
import type { KubeClient } from '../../kube/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'

/** Every object of a cluster by its kind and name, with a digest of all that somebody wrote into it. */
export type Listing = Record<string, string>

/**
 * Lists every object of every kind that can be listed, apart from what moves by itself: events, leases, requests for
 * certificates, and what a cluster's first token leaves when it expires.
 */
export async function listEverything(kube: KubeClient): Promise<Listing> {
  const lists = await Promise.all((await listedKinds(kube)).map((kind) => listKind(kube, kind)))
  return Object.fromEntries(lists.flat().sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** What is new, gone or changed since, as `new: v1 ConfigMap shop/web`. Pure. */
export function changesSince(before: Listing, now: Listing): string[] {
  return [
    ...Object.keys(now).flatMap((name) => {
      if (!Object.hasOwn(before, name)) return [`new: ${name}`]
      return before[name] === now[name] ? [] : [`changed: ${name}`]
    }),
    ...Object.keys(before).flatMap((name) => (Object.hasOwn(now, name) ? [] : [`gone: ${name}`])),
  ]
}

interface ListedKind {
  apiVersion: string
  kind: string
  path: string
}

interface Discovered {
  name: string
  kind: string
  verbs: string[]
}

const restless = ['Event', 'Lease', 'CertificateSigningRequest', 'NodeMetrics', 'PodMetrics']

/** Each kind once, in the version that its group prefers. */
async function listedKinds(kube: KubeClient): Promise<ListedKind[]> {
  const { groups } = JSON.parse(await kube.raw('/apis')) as {
    groups: { preferredVersion: { groupVersion: string } }[]
  }
  const versions = ['v1', ...groups.map(({ preferredVersion }) => preferredVersion.groupVersion)]
  const kinds = await Promise.all(
    versions.map(async (apiVersion) => {
      const path = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
      const { resources } = JSON.parse(await kube.raw(path)) as { resources: Discovered[] }
      return resources
        .filter(({ kind, verbs }) => verbs.includes('list') && !restless.includes(kind))
        .map(({ name, kind }) => ({ apiVersion, kind, path: `${path}/${name}` }))
    }),
  )
  return kinds.flat()
}

async function listKind(
  kube: KubeClient,
  { apiVersion, kind, path }: ListedKind,
): Promise<[string, string][]> {
  const { items } = JSON.parse(await kube.raw(path)) as { items: KubernetesObject[] | null }
  return (items ?? [])
    .filter(({ metadata }) => !(kind === 'Secret' && metadata.name.startsWith('bootstrap-token-')))
    .map((object) => {
      const { namespace, name } = object.metadata
      return [
        `${apiVersion} ${kind} ${namespace ? `${namespace}/` : ''}${name}`,
        digest(written(kind, object)),
      ]
    })
}

/** Without its status, and without the traces that a change and its undoing leave. */
function written(kind: string, { status: _status, ...object }: KubernetesObject): unknown {
  const {
    resourceVersion: _revision,
    generation: _generation,
    managedFields: _fields,
    ...metadata
  } = object.metadata
  const annotations = { ...metadata.annotations }
  delete annotations['endpoints.kubernetes.io/last-change-trigger-time']
  // Which address of a block was used last is Calico's own state; which are in use, its handles tell.
  if (kind === 'IPAMBlock') return { ...metadata, annotations }
  return { ...object, metadata: { ...metadata, annotations } }
}

function digest(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  )
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
