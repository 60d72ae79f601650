import type { Endpoint } from '../model/index.ts'
import type { LintContext } from './lint-context.ts'

/**
 * One given pod for each set of labels: policies cannot tell the others of it apart, unless by address or by the
 * numbers of named ports.
 */
export function representatives({ endpoints }: LintContext): Endpoint[] {
  const seen = new Map<object, Endpoint>()
  for (const endpoint of endpoints)
    if (endpoint.kind === 'pod' && !seen.has(endpoint.labelClass)) seen.set(endpoint.labelClass, endpoint)
  return [...seen.values()]
}
