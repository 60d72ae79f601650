import { builtInTiers } from '../../built-in-tiers.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const tierWithoutPolicies: LintRule = {
  id: 'tier-without-policies',
  severity: 'info',
  title: 'A tier without policies',
  why: `A tier in which nothing stands changes nothing, and its default action is never asked. Often a policy was meant to be
in it and forgot \`spec.tier\`, so it landed in \`default\`.`,
  fix: 'put its policies into it with spec.tier, or remove it',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: Tier
metadata: { name: security }
spec: { order: 100, defaultAction: Pass }
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
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
      if (Object.hasOwn(builtInTiers, name)) continue
      if (context.policies.some(({ admitted }) => admitted.spec.tier === name)) continue
      yield { object, path: ['metadata', 'name'], message: `no policy is in tier ${name}` }
    }
  },
}
