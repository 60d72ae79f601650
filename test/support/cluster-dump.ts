import type { KubeClient } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'

interface ApiResource {
  name: string
  kind: string
  verbs: string[]
}

/** What moves by itself on a cluster that nobody touches. */
const restless = [
  'Event',
  'Lease',
  'IPAMBlock',
  'IPAMHandle',
  'NodeMetrics',
  'PodMetrics',
  'CSIStorageCapacity',
]

/**
 * Every object of every kind that can be listed, as text, without status, events and leases, and the marks of time
 * that writing an object back leaves: two dumps of a cluster that was left as it was are equal byte for byte.
 */
export async function dumpCluster(kube: KubeClient): Promise<string> {
  const { groups } = JSON.parse(await kube.raw('/apis')) as {
    groups: { versions: { groupVersion: string }[] }[]
  }
  const paths = [
    '/api/v1',
    ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`)),
  ]
  const lines: string[] = []
  for (const path of paths) {
    const { resources } = JSON.parse(await kube.raw(path)) as { resources: ApiResource[] }
    for (const { name, kind, verbs } of resources) {
      if (!verbs.includes('list') || restless.includes(kind)) continue
      const { items } = JSON.parse(await kube.raw(`${path}/${name}`)) as { items: KubernetesObject[] }
      for (const object of items ?? []) lines.push(`${path}/${name} ${JSON.stringify(still(object))}`)
    }
  }
  return `${lines.sort().join('\n')}\n`
}

/** What differs between two dumps, a line each, short enough to read. */
export function changes(before: string, after: string): string[] {
  const [one, other] = [before, after].map((dump) => new Set(dump.split('\n')))
  const short = (sign: string, line: string) =>
    `${sign} ${line.replace(/"managedFields":\[.*?\],"name"/, '"name"').slice(0, 400)}`
  return [
    ...[...one!].filter((line) => !other!.has(line)).map((line) => short('-', line)),
    ...[...other!].filter((line) => !one!.has(line)).map((line) => short('+', line)),
  ]
}

function still({ status: _status, ...object }: KubernetesObject): object {
  const { resourceVersion: _version, managedFields = [], ...metadata } = object.metadata
  const fields = (managedFields as { time?: string; subresource?: string }[])
    .filter(({ subresource }) => subresource !== 'status')
    .map(({ time: _time, ...rest }) => rest)
  return sorted({ ...object, metadata: { ...metadata, managedFields: fields } }) as object
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
