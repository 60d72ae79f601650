import type { KubernetesObject } from '../../kubernetes-object.ts'
import { podFrom } from './pod-control.ts'
import { type Revision, revisionLabel } from './revisions.ts'
import { matchesNodeAffinity, untoleratedTaint } from './scheduling/index.ts'

type PodSpec = KubernetesObject['spec']

/** Whether a DaemonSet wants a pod on a node. */
export function fits({ spec }: KubernetesObject, node: KubernetesObject): boolean {
  const podSpec = tolerant(spec.template.spec)
  return matchesNodeAffinity(podSpec, node) && untoleratedTaint(podSpec, node) === null
}

/** Whether a pod that is on a node may stay: a taint NoSchedule keeps away, and does not drive out. */
export function mayStay({ spec }: KubernetesObject, node: KubernetesObject): boolean {
  const podSpec = tolerant(spec.template.spec)
  return matchesNodeAffinity(podSpec, node) && untoleratedTaint(podSpec, node, ['NoExecute']) === null
}

/** A pod for one node: bound by the scheduler, to the node that its affinity names. */
export function podFor(set: KubernetesObject, node: string, { hash, template }: Revision): KubernetesObject {
  const spec = tolerant(template.spec)
  const { affinity } = spec
  const generation = set.metadata.annotations?.['deprecated.daemonset.template.generation'] ?? '1'
  const own = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const field = { key: 'metadata.name', operator: 'In', values: [node] }
  const terms = (own ?? [{}]).map((term: object) => ({ ...term, matchFields: [field] }))
  const nodeAffinity = {
    ...affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms },
  }
  return podFrom(set, template, {
    labels: { [revisionLabel]: hash, 'pod-template-generation': generation },
    spec: { ...spec, affinity: { ...affinity, nodeAffinity } },
  })
}

/** The node that a pod is on, or was made for. */
export function nodeOf({ spec }: KubernetesObject): string {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return spec.nodeName ?? required?.nodeSelectorTerms?.[0]?.matchFields?.[0]?.values?.[0] ?? ''
}

/** What a daemon puts up with, whatever its template says (Kubernetes: DaemonSet, taints and tolerations). */
const tolerations = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
].map(([name, effect]) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect }))

const ofHostNetwork = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
}

function tolerant(spec: PodSpec): PodSpec {
  const added = spec.hostNetwork ? [...tolerations, ofHostNetwork] : tolerations
  return { ...spec, tolerations: [...(spec.tolerations ?? []), ...added] }
}
