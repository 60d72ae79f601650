import { describeObject, type KubernetesObject } from '../../kubernetes-object.ts'
import { admit, type FieldProblem, formatProblem, fromStorage, isPolicyKind } from '../admit/index.ts'
import { Catalog } from './catalog.ts'
import { Failsafe } from './failsafe.ts'
import { fromCalicoPolicy } from './from-calico.ts'
import { fromClusterPolicy } from './from-cluster-policy.ts'
import { fromKubernetesPolicy } from './from-kubernetes.ts'
import { Groups } from './groups.ts'
import { Hosts, tunnelNames } from './hosts.ts'
import type { Model, ModelOptions } from './model.ts'
import { planner } from './plan.ts'
import { compilePolicy, type Policy, type PolicyDraft } from './policy.ts'
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
  const valid = objects.map(fromStorage).flatMap((object) => {
    if (!isPolicyKind(object)) return [object]
    const { object: admitted, problems } = admittedOnce(object)
    if (problems.length > 0) unsupported.push(invalid(object, problems))
    return problems.length > 0 ? [] : [admitted]
  })
  const { encapsulated, ...given } = options
  const catalog = new Catalog(valid, encapsulated)
  const groups = new Groups(catalog)
  const policies = valid.filter(takesEffect).flatMap((object) => {
    const draft = draftOnce(object)
    return draft ? [compilePolicy(draft, groups)] : []
  })
  const arranged = (some: Policy[]) =>
    arrangeTiers(
      valid.filter((object) => kindKey(object) === 'projectcalico.org/v3 Tier'),
      some,
    )
  const tiers = arranged(policies.filter(({ stage }) => stage === 'normal'))
  const early = arranged(policies.filter(({ stage, staged }) => stage !== 'normal' && !staged))
  const pods = catalog.endpoints.filter(({ kind }) => kind === 'pod').map((pod) => [pod.id, pod] as const)
  return {
    catalog,
    tiers,
    hosts: new Hosts({ catalog, failsafe: new Failsafe(valid), tiers, early }),
    options: { endpointToHost: 'accept', vxlanPort: 4789, ...given },
    unsupported: [...unsupported, ...notModelled(valid, policies, catalog)],
    assumptions: [...catalog.labelSource.assumptions, ...assumedInterfaces(catalog)],
    pods: new Map(pods),
    plan: planner(tiers, catalog),
  }
}

const admissions = new WeakMap<KubernetesObject, ReturnType<typeof admit>>()

/** Objects are not changed, they are replaced: one that has been looked at is as it was. */
function admittedOnce(object: KubernetesObject): ReturnType<typeof admit> {
  const known = admissions.get(object) ?? admit(object, { experimental: true })
  admissions.set(object, known)
  return known
}

const drafts = new WeakMap<KubernetesObject, PolicyDraft>()

/** What a policy says, brought to one form; undefined for what is no policy. */
function draftOnce(object: KubernetesObject): PolicyDraft | undefined {
  const convert = converters[kindKey(object)]
  const draft = drafts.get(object) ?? convert?.(object)
  if (draft) drafts.set(object, draft)
  return draft
}

/** Which interface a name stands for only its node knows. */
function assumedInterfaces({ hostInterfaces }: Catalog): string[] {
  return hostInterfaces
    .filter(({ name, endpoint }) => isInterfaceName(name) && endpoint.addresses.length === 0)
    .map(
      ({ name, endpoint: { id, node } }) =>
        `HostEndpoint ${id} has no expectedIPs: ${name} is taken to be where ${node} has its addresses`,
    )
}

function isInterfaceName(name: string): boolean {
  return !['', '*', 'lo', ...tunnelNames].includes(name)
}

/** Staged deletions never reach Felix. */
function takesEffect({ spec }: KubernetesObject): boolean {
  return spec?.stagedAction !== 'Delete'
}

function kindKey({ apiVersion, kind }: KubernetesObject): string {
  return `${apiVersion} ${kind}`
}

function invalid(object: KubernetesObject, problems: FieldProblem[]): string {
  return `${describeObject(object)} is not valid and therefore not enforced: ${problems.map(formatProblem).join('; ')}`
}
