import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Path } from './finding.ts'
import { directions } from './rule-site.ts'

/** A selector in Calico's language, where it stands in a policy. */
export interface SelectorField {
  path: Path
  text: string
  /** The direction of the rule that it belongs to; null for one that chooses what the policy applies to. */
  direction: 'ingress' | 'egress' | null
}

/** All selectors of a Calico policy. */
export function selectorFields({ apiVersion, spec }: KubernetesObject): SelectorField[] {
  if (!apiVersion.startsWith('projectcalico.org/')) return []
  const found: SelectorField[] = []
  const add = (value: unknown, path: Path, direction: SelectorField['direction']) => {
    if (typeof value === 'string') found.push({ path, text: value, direction })
  }
  for (const field of ['selector', 'namespaceSelector', 'serviceAccountSelector'])
    add(spec[field], ['spec', field], null)
  for (const direction of directions)
    for (const [index, rule] of (spec[direction] ?? []).entries())
      for (const side of ['source', 'destination'] as const) {
        const path: Path = ['spec', direction, index, side]
        const peer = rule[side]
        for (const field of ['selector', 'notSelector', 'namespaceSelector'])
          add(peer?.[field], [...path, field], direction)
        add(peer?.serviceAccounts?.selector, [...path, 'serviceAccounts', 'selector'], direction)
      }
  return found
}
