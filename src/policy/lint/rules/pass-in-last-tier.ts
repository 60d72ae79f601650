import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'

export const passInLastTier: LintRule = {
  id: 'pass-in-last-tier',
  severity: 'warning',
  title: 'Pass where no tier follows, which allows',
  why: `Pass leaves the tier. Where no later tier has a policy for the pod, its namespace's profile comes next, and that allows
everything. In the tier \`default\` a Pass also jumps over every Kubernetes NetworkPolicy.`,
  fix: 'write Allow or Deny, or put the policy into a tier before the one that is to decide',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: back-end, namespace: shop }
spec:
  order: 10
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Pass, source: { selector: tier == 'back' } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 5432 }]`,
  good: `
apiVersion: projectcalico.org/v3
kind: Tier
metadata: { name: security }
spec: { order: 100, defaultAction: Deny }
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: back-end, namespace: shop }
spec:
  tier: security
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Pass, source: { selector: tier == 'back' } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 5432 }]`,
  *check(context) {
    const { model } = context
    for (const { linted, policy, direction, rule, path } of oncePerPath(
      ruleSites(context, { staged: false }),
    )) {
      // In a ClusterNetworkPolicy Pass means to leave it to the namespaces, whatever they say.
      if (rule.action !== 'pass' || policy.ref.kind === 'ClusterNetworkPolicy') continue
      const subjects = context.endpoints.filter(({ labelClass }) => policy.selects(labelClass.labels))
      const open = subjects.find((endpoint) => {
        const plans = model.plan(endpoint, direction)
        const own = plans.findIndex(({ tier }) => tier.name === policy.ref.tier)
        return plans.slice(own + 1).every(({ endOwner }) => endOwner === null)
      })
      if (!open) continue
      yield {
        object: linted.object,
        path,
        message: `no tier after ${policy.ref.tier} governs ${direction} of ${open.id}, so passing allows`,
      }
    }
  },
}
