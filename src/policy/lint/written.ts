import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Direction } from '../rules.ts'
import type { LintedPolicy } from './lint-context.ts'

/** Whether a policy is written as Kubernetes writes them (podSelector, policyTypes), staged or not. */
export function isKubernetesForm({ object: { apiVersion, kind } }: LintedPolicy): boolean {
  return apiVersion.startsWith('networking.k8s.io/') || kind === 'StagedKubernetesNetworkPolicy'
}

/** Whether it is one of Calico's own (selector, types). */
export function isCalicoForm(linted: LintedPolicy): boolean {
  return linted.object.apiVersion.startsWith('projectcalico.org/') && !isKubernetesForm(linted)
}

export const typeNames: Record<Direction, 'Ingress' | 'Egress'> = { ingress: 'Ingress', egress: 'Egress' }

/** What is written in the spec, whatever it is. */
export function writtenSpec({ spec }: KubernetesObject): Record<string, unknown> {
  return typeof spec === 'object' && spec !== null ? spec : {}
}

/** The directions a policy names itself; null where it leaves that to the server. */
export function writtenTypes({ object }: LintedPolicy): unknown[] | null {
  const { types, policyTypes } = writtenSpec(object)
  const list = types ?? policyTypes
  return Array.isArray(list) && list.length > 0 ? list : null
}
