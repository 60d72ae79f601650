import type { Endpoint } from '../model/index.ts'
import type { LintContext } from './lint-context.ts'
import { signaturesOf } from './signatures.ts'

const known = new WeakMap<LintContext, Endpoint[]>()

/**
 * One given pod of those that the same selectors of the set select: policies cannot tell the others apart, unless by
 * address or by the numbers of named ports.
 */
export function representatives(context: LintContext): Endpoint[] {
  const found = known.get(context) ?? choose(context)
  known.set(context, found)
  return found
}

function choose({ endpoints, model }: LintContext): Endpoint[] {
  const signatures = signaturesOf(model)
  const seen = new Map<string, Endpoint>()
  for (const endpoint of endpoints) {
    const key = `${endpoint.namespace} ${signatures.get(endpoint.labelClass) ?? ''}`
    if (endpoint.kind === 'pod' && !seen.has(key)) seen.set(key, endpoint)
  }
  return [...seen.values()]
}
