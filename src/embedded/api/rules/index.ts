import { accessRules } from './access.ts'
import { batchRules } from './batch.ts'
import { ingressRules } from './ingress.ts'
import { networkRules } from './network.ts'
import type { Rule } from './rule.ts'
import { scalingRules } from './scaling.ts'
import { storageRules } from './storage.ts'

/**
 * What the published schemas cannot say: fields that do not go together and numbers that are none, by definition (its
 * short name). A rule holds wherever a value of the definition stands, in a CronJob's template as in a Job.
 */
export const rules: Record<string, Rule> = {
  ...accessRules,
  ...batchRules,
  ...ingressRules,
  ...networkRules,
  ...scalingRules,
  ...storageRules,
}
