import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { hasFreePorts, noFreePorts } from '../../host-port-claims.ts'
import { parseQuantity } from '../../quantity.ts'
import { matchesNodeAffinity } from './node-affinity.ts'
import { countMatching, meansPod, type NodePods, requiredTerms } from './pod-affinity.ts'
import { requestsOf } from './requests.ts'
import { untoleratedTaint } from './taints.ts'
import { type SpreadConstraint, skewWith } from './topology-spread.ts'

/** All nodes, and the pods that are on them. */
export type ClusterPods = NodePods[]

/** Why a node does not fit a pod. */
export interface Refusal {
  /** In the words of the real scheduler. */
  reasons: string[]
  /** Whether it would not fit either if other pods left it. */
  isFinal: boolean
}

type Filter = (pod: KubernetesObject, place: NodePods, all: ClusterPods) => Refusal | null

/** What the first filter that fails says; null where the node fits. */
export function refusalOf(pod: KubernetesObject, place: NodePods, all: ClusterPods): Refusal | null {
  for (const filter of filters) {
    const refusal = filter(pod, place, all)
    if (refusal) return refusal
  }
  return null
}

/** In the order of the real scheduler's plugins. */
const filters: Filter[] = [schedulable, ready, taints, affinity, ports, resources, spread, together]

const forGood = (reason: string): Refusal => ({ reasons: [reason], isFinal: true })
const meanwhile = (...reasons: string[]): Refusal => ({ reasons, isFinal: false })

const unschedulable = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

function schedulable(pod: KubernetesObject, { node }: NodePods): Refusal | null {
  if (!node.spec?.unschedulable) return null
  const cordoned = { ...node, spec: { taints: [unschedulable] } }
  return untoleratedTaint(pod.spec, cordoned) ? forGood('node(s) were unschedulable') : null
}

/** Until its taint is there; what tolerates that may come. */
function ready(pod: KubernetesObject, { node }: NodePods): Refusal | null {
  const condition = node.status?.conditions?.find((each: { type: string }) => each.type === 'Ready')
  if (condition?.status === 'True') return null
  const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
  const tainted = { ...node, spec: { taints: [taint] } }
  return untoleratedTaint(pod.spec, tainted) ? forGood(untolerated) : null
}

function taints(pod: KubernetesObject, { node }: NodePods): Refusal | null {
  const taint = untoleratedTaint(pod.spec, node)
  return taint ? forGood(untolerated) : null
}

const untolerated = 'node(s) had untolerated taint(s)'

function affinity(pod: KubernetesObject, { node }: NodePods): Refusal | null {
  return matchesNodeAffinity(pod.spec, node)
    ? null
    : forGood("node(s) didn't match Pod's node affinity/selector")
}

function ports(pod: KubernetesObject, { pods }: NodePods): Refusal | null {
  return hasFreePorts(pod, pods) ? null : meanwhile(noFreePorts)
}

function resources(pod: KubernetesObject, { node, pods }: NodePods): Refusal | null {
  const allocatable: Record<string, string> = node.status?.allocatable ?? {}
  const reasons: string[] = []
  let isFinal = false
  if (pods.length + 1 > Number(allocatable.pods ?? Number.POSITIVE_INFINITY)) reasons.push('Too many pods')
  for (const [name, wanted] of Object.entries(requestsOf(pod))) {
    const has = allocatableOf(name, allocatable)
    if (wanted === 0 || has === null) continue
    const used = pods.reduce((total, each) => total + (requestsOf(each)[name] ?? 0), 0)
    // Thousandths that floating point leaves over are nobody's.
    if (used + wanted <= has + 1e-6) continue
    reasons.push(`Insufficient ${name}`)
    isFinal ||= wanted > has
  }
  return reasons.length > 0 ? { reasons, isFinal } : null
}

/** What a node has of a resource; null where nobody counts it. What only some nodes have, the others have none of. */
function allocatableOf(name: string, allocatable: Record<string, string>): number | null {
  if (allocatable[name] !== undefined) return parseQuantity(allocatable[name])
  return name.includes('/') || name.startsWith('hugepages-') ? 0 : null
}

function spread(pod: KubernetesObject, { node }: NodePods, all: ClusterPods): Refusal | null {
  const constraints: SpreadConstraint[] = pod.spec.topologySpreadConstraints ?? []
  for (const constraint of constraints.filter((each) => each.whenUnsatisfiable === 'DoNotSchedule')) {
    const skew = skewWith(constraint, pod, { node, all })
    const text = "node(s) didn't match pod topology spread constraints"
    if (skew === null) return forGood(`${text} (missing required label)`)
    if (skew > constraint.maxSkew) return meanwhile(text)
  }
  return null
}

function together(pod: KubernetesObject, { node }: NodePods, all: ClusterPods): Refusal | null {
  const place = { node, all }
  const wanted = requiredTerms(pod, 'podAffinity')
  const everyone = wanted.length > 0 ? all.flatMap(({ pods }) => pods) : []
  for (const term of wanted) {
    // The first of a group that wants to be together may go anywhere.
    const isFirst = meansPod(term, pod, pod) && !everyone.some((other) => meansPod(term, pod, other))
    if (!isFirst && countMatching(term, pod, place) === 0)
      return forGood("node(s) didn't match pod affinity rules")
  }
  for (const term of requiredTerms(pod, 'podAntiAffinity')) {
    if (countMatching(term, pod, place) > 0) return meanwhile("node(s) didn't match pod anti-affinity rules")
  }
  return isUnwelcome(pod, place)
    ? meanwhile("node(s) didn't satisfy existing pods anti-affinity rules")
    : null
}

/** Whether a pod that is there wants to have this one elsewhere. */
function isUnwelcome(
  pod: KubernetesObject,
  { node, all }: { node: KubernetesObject; all: ClusterPods },
): boolean {
  return all.some((other) =>
    other.pods.some((resident) =>
      requiredTerms(resident, 'podAntiAffinity').some(
        (term) =>
          meansPod(term, resident, pod) &&
          other.node.metadata.labels?.[term.topologyKey] !== undefined &&
          other.node.metadata.labels[term.topologyKey] === node.metadata.labels?.[term.topologyKey],
      ),
    ),
  )
}
