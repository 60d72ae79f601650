import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { directions } from '../rule-site.ts'

export const logOnly: LintRule = {
  id: 'log-only',
  severity: 'error',
  title: 'A policy that only logs, and thereby denies',
  why: `A Log rule writes a line and decides nothing. But the policy governs its pods all the same, and what no rule of the
tier decides is denied at the tier's end. A policy meant to watch traffic cuts it.`,
  fix: 'end with a rule "action: Pass" (or Allow), or use a staged policy to watch',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: watch-db, namespace: shop }
spec:
  order: 10
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - action: Log`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: watch-db, namespace: shop }
spec:
  order: 10
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - action: Log
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }`,
  *check(context) {
    for (const { tier, policy, linted } of enforced(context)) {
      if (tier.endAction !== 'deny') continue
      for (const direction of directions) {
        const rules = policy.rules[direction] ?? []
        if (rules.length === 0 || rules.some(({ action }) => action !== 'log')) continue
        yield {
          object: linted.object,
          path: ['spec', direction],
          message: `every ${direction} rule only logs: what no other policy allows is denied at the end of tier ${tier.name}`,
        }
      }
    }
  },
}

function* enforced(context: Parameters<LintRule['check']>[0]) {
  for (const tier of context.model.tiers)
    for (const policy of tier.policies) {
      const linted = context.linted(policy)
      if (linted && !policy.staged) yield { tier, policy, linted }
    }
}
