import { LabError } from '../../errors.ts'
import type { KubeClient } from '../../kube/index.ts'
import { describeObject, type KubernetesObject } from '../../kubernetes-object.ts'

/** Objects without the Namespaces that are shared and exist already: these stay as they are. */
export async function withoutShared(
  objects: KubernetesObject[],
  { kube, shared = [] }: { kube: KubeClient; shared: string[] | undefined },
): Promise<KubernetesObject[]> {
  const exists = async ({ kind, metadata }: KubernetesObject) =>
    kind === 'Namespace' &&
    shared.includes(metadata.name) &&
    (await kube.get('v1', 'Namespace', metadata.name)) !== null
  const existing = await Promise.all(objects.map(exists))
  return objects.filter((_, index) => !existing[index])
}

/** Throws `bad-input` where objects belong into a namespace that is neither among `made` nor shared. */
export function refuseElsewhere(
  objects: KubernetesObject[],
  made: KubernetesObject[],
  shared: string[],
): void {
  const namespaces = [...made, ...objects].filter(({ kind }) => kind === 'Namespace')
  const allowed = new Set([...shared, ...namespaces.map(({ metadata }) => metadata.name)])
  const elsewhere = objects.filter(
    ({ metadata }) => metadata.namespace !== undefined && !allowed.has(metadata.namespace),
  )
  if (elsewhere.length === 0) return
  throw new LabError({
    code: 'bad-input',
    message: 'objects belong into namespaces that this run does not make',
    problems: elsewhere.map((object) => `${describeObject(object)}: its namespace is not of this run`),
    hint: `--namespace ${elsewhere[0]!.metadata.namespace}`,
  })
}
