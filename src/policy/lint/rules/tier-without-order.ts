import { builtInTiers } from '../../built-in-tiers.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const tierWithoutOrder: LintRule = {
  id: 'tier-without-order',
  severity: 'warning',
  title: 'A tier without an order',
  why: `A tier without an order gets 1,000,000, which is also the order of \`default\`. Its **name** then decides whether it
stands before or after all Kubernetes policies: \`audit\` before, \`security\` after.`,
  fix: 'give it an order: below 1,000,000 to stand before default',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: Tier
metadata: { name: security }
spec: { defaultAction: Pass }
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  tier: security
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }`,
  good: `
apiVersion: projectcalico.org/v3
kind: Tier
metadata: { name: security }
spec: { order: 100, defaultAction: Pass }
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  tier: security
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }`,
  *check(context) {
    for (const object of context.ofKind('Tier')) {
      const { name } = object.metadata
      if (Object.hasOwn(builtInTiers, name) || typeof object.spec?.order === 'number') continue
      const place = name < 'default' ? 'before' : 'after'
      yield {
        object,
        path: ['spec'],
        message: `without an order, tier ${name} stands ${place} tier default because of its name`,
      }
    }
  },
}
