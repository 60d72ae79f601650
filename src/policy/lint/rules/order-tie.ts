import { describePolicy, type Policy } from '../../model/index.ts'
import { contradiction } from '../contradiction.ts'
import { shop } from '../example-cluster.ts'
import type { LintContext } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'

export const orderTie: LintRule = {
  id: 'order-tie',
  severity: 'warning',
  title: 'Contradicting policies whose names decide',
  why: `Policies of one tier with the same order are asked in the order of their names, byte by byte (so \`web-2\` comes before
\`web\`). Where one allows what the other denies, renaming one changes what the cluster does. For ClusterNetworkPolicies
of one priority the API leaves it open altogether.`,
  fix: 'give one of them a smaller order (priority in a ClusterNetworkPolicy)',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-backend, namespace: shop }
spec:
  order: 100
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: tier == 'back' }, destination: { ports: [5432] } }
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: deny-api, namespace: shop }
spec:
  order: 100
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Deny, source: { selector: app == 'api' } }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-backend, namespace: shop }
spec:
  order: 100
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: tier == 'back' }, destination: { ports: [5432] } }
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: deny-api, namespace: shop }
spec:
  order: 50
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Deny, source: { selector: app == 'api' } }`,
  alsoFinds: ['redundant-policy'],
  *check(context) {
    for (const [first, second] of ties(context)) {
      const linted = context.linted(second)
      const flow = contradiction(context, first, second)
      if (!linted || !flow) continue
      const order = Number.isFinite(second.order) ? `order ${second.order}` : 'no order'
      yield {
        object: linted.object,
        path: ['spec', 'priority' in linted.object.spec ? 'priority' : 'order'],
        message: `${describePolicy(first.ref)} has ${order} too and says otherwise about ${flow}; it is asked first because of its name`,
      }
    }
  },
}

/** Neighbours and others of one order in a tier, both enforced. */
function* ties({ model }: LintContext): Generator<[Policy, Policy]> {
  for (const { policies } of model.tiers) {
    const byOrder = new Map<number, Policy[]>()
    for (const policy of policies) {
      if (policy.staged) continue
      const earlier = byOrder.get(policy.order) ?? []
      for (const one of earlier) yield [one, policy]
      byOrder.set(policy.order, [...earlier, policy])
    }
  }
}
