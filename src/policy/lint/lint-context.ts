import { type Cidr, parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { admit, type FieldProblem, isPolicyKind } from '../admit/index.ts'
import { buildModel, type Endpoint, type Model, type Policy, type PolicyRef } from '../model/index.ts'
import { type ClusterObjects, completeCluster, isDnsPod, usualServiceNetwork } from './cluster-objects.ts'
import { isUnknownField } from './unknown-field.ts'

/** A policy as it was written, as the API server would keep it, and as the model has it. */
export interface LintedPolicy {
  object: KubernetesObject
  /** With defaults, and every field of its right type; what does not fit is left out. */
  admitted: KubernetesObject
  /** What the API server would refuse. */
  problems: FieldProblem[]
  /** Null for one that is refused, or that governs no pod (staged deletions, policies of the host). */
  policy: Policy | null
}

/** All that a rule looks at. */
export class LintContext {
  readonly objects: KubernetesObject[]
  readonly policies: LintedPolicy[]
  readonly cluster: ClusterObjects
  /** Of the completed cluster: every pod has an address and there is a DNS pod. */
  readonly model: Model
  /** Pods and host endpoints that are given, or that a workload given would make. */
  readonly endpoints: Endpoint[]
  /** Whether any were: without them nothing can be said about who is selected. */
  readonly knowsPods: boolean
  readonly dnsPods: Endpoint[]
  readonly serviceNetwork: Cidr
  private readonly byPolicy = new Map<Policy, LintedPolicy>()
  private readonly byRef = new Map<string, LintedPolicy>()

  constructor(objects: KubernetesObject[]) {
    this.objects = objects
    const admissions = new Map(objects.filter(isRulePolicy).map((object) => [object, admitKept(object)]))
    this.cluster = completeCluster(objects.map((object) => admissions.get(object)?.kept ?? object))
    this.model = buildModel(this.cluster.objects)
    const { assumedPods } = this.cluster
    this.endpoints = this.model.catalog.endpoints.filter(({ id }) => !assumedPods.has(id))
    this.knowsPods = this.endpoints.some(({ kind }) => kind === 'pod')
    this.dnsPods = this.dnsEndpoints()
    this.serviceNetwork = parseCidr(usualServiceNetwork)!
    const compiled = new Map(this.inOrder.map((policy) => [refKey(policy.ref), policy]))
    this.policies = [...admissions].map(([object, { admitted, problems }]) => {
      const { name, namespace = null } = admitted.metadata
      const policy = compiled.get(refKey({ ...admitted, namespace, name })) ?? null
      return { object, admitted, problems, policy: problems.every(isUnknownField) ? policy : null }
    })
    for (const linted of this.policies) {
      if (!linted.policy) continue
      this.byPolicy.set(linted.policy, linted)
      this.byRef.set(refKey(linted.policy.ref), linted)
    }
  }

  linted(policy: Policy | Omit<PolicyRef, 'tier'>): LintedPolicy | undefined {
    return 'ref' in policy ? this.byPolicy.get(policy) : this.byRef.get(refKey(policy))
  }

  /** Policies that the model has, in evaluation order. */
  get inOrder(): Policy[] {
    return this.model.tiers.flatMap(({ policies }) => policies)
  }

  private dnsEndpoints(): Endpoint[] {
    const pods = this.cluster.objects.filter((object) => object.kind === 'Pod' && isDnsPod(object))
    const ids = new Set(pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))
    return this.model.catalog.endpoints.filter(({ id }) => ids.has(id))
  }

  ofKind(kind: string): KubernetesObject[] {
    return this.objects.filter((object) => object.kind === kind)
  }
}

/** What the API server would refuse, and what one that is not strict would keep. */
function admitKept(object: KubernetesObject) {
  const { problems } = admit(object, { experimental: true })
  const kept = withoutUnknownFields(object, problems)
  return { kept, problems, admitted: admit(kept, { experimental: true }).object }
}

/** A policy without the fields that a server which is not strict drops. */
function withoutUnknownFields(object: KubernetesObject, problems: FieldProblem[]): KubernetesObject {
  const kept = structuredClone(object)
  for (const { path } of problems.filter(isUnknownField)) {
    const holder = path.slice(0, -1).reduce((value, step) => value?.[step], kept)
    delete holder?.[path.at(-1)!]
  }
  return kept
}

/** Whether an object has rules, rather than being something that rules name. */
function isRulePolicy(object: KubernetesObject): boolean {
  return isPolicyKind(object) && object.kind.endsWith('NetworkPolicy')
}

export function refKey({ apiVersion, kind, namespace, name }: Omit<PolicyRef, 'tier'>): string {
  return `${apiVersion} ${kind} ${namespace ?? ''}/${name}`
}
