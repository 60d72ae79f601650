import { describeObject, type KubernetesObject } from '../../kubernetes-object.ts'
import { admit, type FieldProblem, formatProblem, isPolicyKind } from '../admit/index.ts'
import { Catalog } from './catalog.ts'
import { fromCalicoPolicy } from './from-calico.ts'
import { fromClusterPolicy } from './from-cluster-policy.ts'
import { fromKubernetesPolicy } from './from-kubernetes.ts'
import { Groups } from './groups.ts'
import { type Model, type ModelOptions, planner } from './model.ts'
import { compilePolicy, type PolicyDraft } from './policy.ts'
import { arrangeTiers } from './tier.ts'
import { notModelled } from './unsupported.ts'

const converters: Record<string, (object: KubernetesObject) => PolicyDraft> = {
  'networking.k8s.io/v1 NetworkPolicy': fromKubernetesPolicy,
  'projectcalico.org/v3 NetworkPolicy': fromCalicoPolicy,
  'projectcalico.org/v3 GlobalNetworkPolicy': fromCalicoPolicy,
  'projectcalico.org/v3 StagedNetworkPolicy': fromCalicoPolicy,
  'projectcalico.org/v3 StagedGlobalNetworkPolicy': fromCalicoPolicy,
  'projectcalico.org/v3 StagedKubernetesNetworkPolicy': fromKubernetesPolicy,
  'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy': fromClusterPolicy,
}

/**
 * A model of what the objects describe: Namespaces, ServiceAccounts, Nodes, Pods, EndpointSlices and every policy
 * kind. Defaults are applied first. A policy that is not valid is left out and named in `unsupported`, as Calico
 * drops what it cannot read; other kinds are ignored.
 */
export function buildModel(objects: KubernetesObject[], options: ModelOptions = {}): Model {
  const unsupported: string[] = []
  const valid = objects.flatMap((object) => {
    if (!isPolicyKind(object)) return [object]
    const { object: admitted, problems } = admit(object, { experimental: true })
    if (problems.length > 0) unsupported.push(invalid(object, problems))
    return problems.length > 0 ? [] : [admitted]
  })
  const catalog = new Catalog(valid)
  const groups = new Groups(catalog)
  const policies = valid.filter(takesEffect).flatMap((object) => {
    const convert = converters[kindKey(object)]
    return convert ? [compilePolicy(convert(object), groups)] : []
  })
  const tiers = arrangeTiers(
    valid.filter((object) => kindKey(object) === 'projectcalico.org/v3 Tier'),
    policies,
  )
  const pods = catalog.endpoints.filter(({ kind }) => kind === 'pod').map((pod) => [pod.id, pod] as const)
  return {
    catalog,
    tiers,
    options: { endpointToHost: 'accept', encapsulated: false, vxlanPort: 4789, ...options },
    unsupported: [...unsupported, ...notModelled(valid, policies)],
    assumptions: catalog.labelSource.assumptions,
    pods: new Map(pods),
    plan: planner(tiers, catalog),
  }
}

/** Staged deletions never reach Felix; untracked and pre-DNAT policies concern hosts alone. */
function takesEffect({ spec }: KubernetesObject): boolean {
  return spec?.stagedAction !== 'Delete' && !spec?.doNotTrack && !spec?.preDNAT
}

function kindKey({ apiVersion, kind }: KubernetesObject): string {
  return `${apiVersion} ${kind}`
}

function invalid(object: KubernetesObject, problems: FieldProblem[]): string {
  return `${describeObject(object)} is not valid and therefore not enforced: ${problems.map(formatProblem).join('; ')}`
}
