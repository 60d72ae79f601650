import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { parseQuantity } from '../../quantity.ts'
import { matchesNodeAffinity } from './node-affinity.ts'
import { countMatching, meansPod, type NodePods, requiredTerms } from './pod-affinity.ts'
import { requestsOf } from './requests.ts'
import { untoleratedTaint } from './taints.ts'
import { type SpreadConstraint, skewWith } from './topology-spread.ts'

/** All nodes, and the pods that are on them. */
export type ClusterPods = NodePods[]

type Filter = (pod: KubernetesObject, place: NodePods, all: ClusterPods) => string[]

/** Why a node does not fit, in the words of the real scheduler and by its first filter that fails; empty where it does. */
export function whyNot(pod: KubernetesObject, place: NodePods, all: ClusterPods): string[] {
  for (const filter of filters) {
    const reasons = filter(pod, place, all)
    if (reasons.length > 0) return reasons
  }
  return []
}

const filters: Filter[] = [schedulable, ready, taints, affinity, ports, resources, spread, together]

const unschedulable = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

function schedulable(pod: KubernetesObject, { node }: NodePods): string[] {
  if (!node.spec?.unschedulable) return []
  const cordoned = { ...node, spec: { taints: [unschedulable] } }
  return untoleratedTaint(pod.spec, cordoned) ? ['node(s) were unschedulable'] : []
}

function ready(_pod: KubernetesObject, { node }: NodePods): string[] {
  const condition = node.status?.conditions?.find((each: { type: string }) => each.type === 'Ready')
  return condition?.status === 'True' ? [] : ['node(s) were not ready']
}

function taints(pod: KubernetesObject, { node }: NodePods): string[] {
  const taint = untoleratedTaint(pod.spec, node)
  // The real scheduler speaks of a cordoned node by the field, not by the taint that comes with it.
  if (taint?.key === unschedulable.key) return ['node(s) were unschedulable']
  return taint ? [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`] : []
}

function affinity(pod: KubernetesObject, { node }: NodePods): string[] {
  return matchesNodeAffinity(pod.spec, node) ? [] : ["node(s) didn't match Pod's node affinity/selector"]
}

function ports(pod: KubernetesObject, { pods }: NodePods): string[] {
  const taken = new Set(pods.flatMap(hostPorts))
  return hostPorts(pod).some((port) => taken.has(port))
    ? ["node(s) didn't have free ports for the requested pod ports"]
    : []
}

function hostPorts({ spec }: KubernetesObject): string[] {
  return spec.containers
    .flatMap(({ ports: list = [] }: { ports?: { hostPort?: number; protocol?: string }[] }) => list)
    .filter(({ hostPort }: { hostPort?: number }) => hostPort)
    .map(
      ({ hostPort, protocol = 'TCP' }: { hostPort: number; protocol?: string }) => `${protocol}/${hostPort}`,
    )
}

function resources(pod: KubernetesObject, { node, pods }: NodePods): string[] {
  const allocatable: Record<string, string> = node.status?.allocatable ?? {}
  const reasons: string[] = []
  if (pods.length + 1 > Number(allocatable.pods ?? Number.POSITIVE_INFINITY)) reasons.push('Too many pods')
  const wanted = requestsOf(pod)
  for (const name of ['cpu', 'memory'] as const) {
    if (wanted[name] === 0 || allocatable[name] === undefined) continue
    const used = pods.reduce((total, each) => total + requestsOf(each)[name], 0)
    // Thousandths that floating point leaves over are nobody's.
    if (used + wanted[name] > parseQuantity(allocatable[name]) + 1e-6) reasons.push(`Insufficient ${name}`)
  }
  return reasons
}

function spread(pod: KubernetesObject, { node }: NodePods, all: ClusterPods): string[] {
  const constraints: SpreadConstraint[] = pod.spec.topologySpreadConstraints ?? []
  for (const constraint of constraints.filter((each) => each.whenUnsatisfiable === 'DoNotSchedule')) {
    const skew = skewWith(constraint, pod, { node, all })
    const text = "node(s) didn't match pod topology spread constraints"
    if (skew === null) return [`${text} (missing required label)`]
    if (skew > constraint.maxSkew) return [text]
  }
  return []
}

function together(pod: KubernetesObject, { node }: NodePods, all: ClusterPods): string[] {
  const place = { node, all }
  const everyone = all.flatMap(({ pods }) => pods)
  for (const term of requiredTerms(pod, 'podAffinity')) {
    // The first of a group that wants to be together may go anywhere.
    const isFirst = meansPod(term, pod, pod) && !everyone.some((other) => meansPod(term, pod, other))
    if (!isFirst && countMatching(term, pod, place) === 0) return ["node(s) didn't match pod affinity rules"]
  }
  for (const term of requiredTerms(pod, 'podAntiAffinity')) {
    if (countMatching(term, pod, place) > 0) return ["node(s) didn't match pod anti-affinity rules"]
  }
  const isUnwelcome = all.some((other) =>
    other.pods.some((resident) =>
      requiredTerms(resident, 'podAntiAffinity').some(
        (term) =>
          meansPod(term, resident, pod) &&
          other.node.metadata.labels?.[term.topologyKey] !== undefined &&
          other.node.metadata.labels[term.topologyKey] === node.metadata.labels?.[term.topologyKey],
      ),
    ),
  )
  return isUnwelcome ? ["node(s) didn't satisfy existing pods anti-affinity rules"] : []
}
