import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Problems } from './problem.ts'
import { type CalicoRule, validateCalicoRule } from './validate-calico-rule.ts'
import { validateSelector } from './validate-selector.ts'

/** A Calico policy of any scope, staged or not: what calicoctl and Calico's API server check. */
export function validateCalicoPolicy({ spec, kind }: KubernetesObject, problems: Problems): void {
  if (spec.stagedAction === 'Delete') {
    validateStagedDeletion(spec, problems)
    return
  }
  for (const field of ['selector', 'namespaceSelector', 'serviceAccountSelector'])
    if (typeof spec[field] === 'string')
      validateSelector(spec[field], ['spec', field], { problems, global: false })
  validateHostFlags(spec, problems)
  const namespaced = !kind.includes('Global')
  for (const list of ['ingress', 'egress'] as const)
    ((spec[list] ?? []) as CalicoRule[]).forEach((rule, index) => {
      validateCalicoRule(rule, { path: ['spec', list, index], direction: list, namespaced, problems })
    })
}

function validateStagedDeletion(spec: KubernetesObject['spec'], problems: Problems): void {
  for (const field of Object.keys(spec).filter((name) => name !== 'stagedAction' && name !== 'tier'))
    problems.add(['spec', field], 'a staged deletion has no field but tier', 'remove it')
}

function validateHostFlags(spec: KubernetesObject['spec'], problems: Problems): void {
  const { preDNAT, doNotTrack, applyOnForward, egress = [], types } = spec
  if (preDNAT && doNotTrack) problems.add(['spec', 'preDNAT'], 'cannot stand beside doNotTrack')
  if (preDNAT && egress.length > 0) problems.add(['spec', 'egress'], 'a preDNAT policy has no egress rules')
  if (preDNAT && types.includes('Egress')) problems.add(['spec', 'types'], 'a preDNAT policy is Ingress only')
  if ((preDNAT || doNotTrack) && !applyOnForward)
    problems.add(
      ['spec', 'applyOnForward'],
      'must be true with preDNAT or doNotTrack',
      'applyOnForward: true',
    )
}
