import type { Policy } from '../model/index.ts'
import { describePolicy } from '../model/index.ts'

/** `a, b and 3 more` */
export function listText(names: string[], most = 3): string {
  const unique = [...new Set(names)]
  if (unique.length <= most) return joinedWithAnd(unique)
  return `${unique.slice(0, most).join(', ')} and ${unique.length - most} more`
}

export function policyList(policies: Policy[]): string {
  return listText(policies.map(({ ref }) => describePolicy(ref)))
}

function joinedWithAnd(names: string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
