import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { directions } from '../rule-site.ts'
import { typeNames, writtenSpec, writtenTypes } from '../written.ts'

export const rulesOfUnlistedType: LintRule = {
  id: 'rules-of-unlisted-type',
  severity: 'error',
  title: 'Rules of a direction that the policy does not govern',
  why: `Where \`policyTypes\` (\`types\` in Calico) is written, it alone decides which directions the policy governs. Rules of
the other direction are kept and never looked at: egress stays open however strict its rules are.`,
  fix: 'add the direction to the list, or remove the rules',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: app == 'api' }
      destination: { ports: [5432] }
  egress:
    - action: Deny`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: app == 'api' }
      destination: { ports: [5432] }`,
  *check({ policies }) {
    for (const linted of policies) {
      const types = writtenTypes(linted)
      for (const direction of directions) {
        const rules = writtenSpec(linted.object)[direction]
        if (!types || types.includes(typeNames[direction]) || !Array.isArray(rules) || rules.length === 0)
          continue
        yield {
          object: linted.object,
          path: ['spec', direction],
          message: `the policy governs ${types.join(', ')} only: its ${direction} rules are never looked at`,
        }
      }
    }
  },
}
