import { accessRules } from './access.ts'
import { batchRules } from './batch.ts'
import { containerRules } from './containers.ts'
import { ingressRules } from './ingress.ts'
import { networkRules } from './network.ts'
import { placementRules } from './placement.ts'
import { podRules } from './pods.ts'
import { all, type Rule } from './rule.ts'
import { scalingRules } from './scaling.ts'
import { storageRules } from './storage.ts'
import { volumeRules } from './volumes.ts'
import { workloadRules } from './workloads.ts'

export * from './names.ts'
export { checkLabels } from './placement.ts'
export { notActedOn } from './rule.ts'

/**
 * What the published schemas cannot say: fields that do not go together and numbers that are none, by definition (its
 * short name). A rule holds wherever a value of the definition stands, in a CronJob's template as in a Job.
 */
export const rules: Record<string, Rule> = together(
  accessRules,
  batchRules,
  containerRules,
  ingressRules,
  networkRules,
  placementRules,
  podRules,
  scalingRules,
  storageRules,
  volumeRules,
  workloadRules,
)

/** Two rules may be about one definition. */
function together(...parts: Record<string, Rule>[]): Record<string, Rule> {
  const found: Record<string, Rule> = {}
  for (const [name, rule] of parts.flatMap((part) => Object.entries(part)))
    found[name] = found[name] ? all(found[name], rule) : rule
  return found
}
