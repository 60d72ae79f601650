import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Model } from '../model/index.ts'
import { type WantedLabels, wantedLabels } from './wanted-labels.ts'

/** A pod that does not exist yet, and may: some labels, in a namespace that exists or in one that does not either. */
export interface Newcomer {
  /** `namespace/pod` in the model. */
  id: string
  /** Null for a namespace that is not among the objects. */
  namespace: string | null
  /** Labels of a namespace that is not among the objects. */
  namespaceLabels: Record<string, string>
  labels: Record<string, string>
}

/** More than these say nothing that a person reads. */
const mostNewcomers = 400

/** Pods worth asking about: one without labels for each namespace and for any other, and one per way to be meant. */
export function newcomersOf(
  model: Model,
  objects: KubernetesObject[],
): { newcomers: Newcomer[]; left: number } {
  const spaces = new Map(
    objects
      .filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Namespace')
      .map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
  )
  for (const pod of model.pods.values()) if (!spaces.has(pod.namespace!)) spaces.set(pod.namespace!, {})
  const plain: Omit<Newcomer, 'id'>[] = [null, ...spaces.keys()].map((namespace) => ({
    namespace,
    namespaceLabels: {},
    labels: {},
  }))
  const meant = wantedLabels(model).flatMap((wanted) => placesOf(wanted, spaces))
  const all = [...new Map([...plain, ...meant].map((one) => [JSON.stringify(one), one])).values()]
  const newcomers = all.slice(0, mostNewcomers).map((one, index) => ({ ...one, id: idOf(one, index) }))
  return { newcomers, left: all.length - newcomers.length }
}

/** The objects that make newcomers exist. */
export function objectsOf(newcomers: Newcomer[]): KubernetesObject[] {
  return newcomers.flatMap(({ id, namespace, namespaceLabels, labels }) => {
    const [space, name] = id.split('/') as [string, string]
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: space, labels }, spec: {} }
    const made = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: space, labels: namespaceLabels } }
    return namespace === null ? [made, pod] : [pod]
  })
}

/** Where a pod that a selector means can be: in the namespaces that fit, and in one that does not exist. */
function placesOf(
  { namespace, pod, namespaceLabels }: WantedLabels,
  spaces: Map<string, Record<string, string>>,
): Omit<Newcomer, 'id'>[] {
  if (namespace !== null)
    return spaces.has(namespace) ? [{ namespace, namespaceLabels: {}, labels: pod }] : []
  const wanted = Object.entries(namespaceLabels)
  const fitting = [...spaces].filter(([, labels]) =>
    wanted.every(([label, value]) => labels[label] === value),
  )
  const known = wanted.length === 0 ? [] : fitting
  return [
    { namespace: null, namespaceLabels, labels: pod },
    ...known.map(([name]) => ({ namespace: name, namespaceLabels: {}, labels: pod })),
  ]
}

function idOf({ namespace }: Omit<Newcomer, 'id'>, index: number): string {
  return `${namespace ?? `ztlab-newcomers-${index}`}/ztlab-newcomer-${index}`
}
