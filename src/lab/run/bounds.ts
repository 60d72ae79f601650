import { LabError } from '../../errors.ts'
import type { KubeClient } from '../../kube/index.ts'
import { describeObject, type KubernetesObject } from '../../kubernetes-object.ts'

/** What a run may do beyond its own namespaces, on a cluster that is not ours. */
export interface Bounds {
  /** Existing namespaces that objects may be put into. */
  namespaces: string[]
  /** Policies may govern pods of others. */
  clusterWide: boolean
}

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
  { namespaces: shared, clusterWide }: Bounds,
): void {
  if (!clusterWide) refuseClusterWide(objects)
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

/** Enforced policies without a namespace; staged ones change nothing. */
function refuseClusterWide(objects: KubernetesObject[]): void {
  const wide = objects.filter(({ kind }) => ['GlobalNetworkPolicy', 'ClusterNetworkPolicy'].includes(kind))
  if (wide.length === 0) return
  throw new LabError({
    code: 'bad-input',
    message: 'policies of the whole cluster would govern pods that are not of this run',
    problems: wide.map((object) => `${describeObject(object)}: is not bound to a namespace`),
    hint: '--cluster-wide, once --dry-run has shown them and you mean it',
  })
}
