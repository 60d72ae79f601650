import { didYouMean } from '../../admit/index.ts'
import { builtInTiers } from '../../built-in-tiers.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { isCalicoForm } from '../written.ts'

export const unknownTier: LintRule = {
  id: 'unknown-tier',
  severity: 'error',
  title: 'A policy in a tier that does not exist',
  why: `Calico refuses to make such a policy, where it is asked: calicoctl and the API server are, plain CRDs are not. There
the policy is enforced after all others, and whatever it does not allow is denied at the end of its nameless tier.`,
  fix: 'make the tier, or correct its name',
  cluster: `${shop}
---
apiVersion: projectcalico.org/v3
kind: Tier
metadata: { name: security }
spec: { order: 100, defaultAction: Pass }`,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  tier: securty
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  tier: security
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }`,
  alsoFinds: ['tier-without-policies'],
  *check(context) {
    const known = [
      ...Object.keys(builtInTiers),
      ...context.ofKind('Tier').map(({ metadata }) => metadata.name),
    ]
    for (const linted of context.policies) {
      const { tier } = linted.admitted.spec
      if (!isCalicoForm(linted) || typeof tier !== 'string' || known.includes(tier)) continue
      const near = didYouMean(tier, known)
      yield {
        object: linted.object,
        path: ['spec', 'tier'],
        message: `there is no tier ${tier}`,
        fix: near ?? this.fix,
      }
    }
  },
}
