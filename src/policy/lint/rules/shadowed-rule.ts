import { describePolicy } from '../../model/index.ts'
import { coverage, isCustomary, isShadowed, type SuperfluousRule } from '../coverage.ts'
import { shop } from '../example-cluster.ts'
import type { Spot } from '../finding.ts'
import type { LintContext } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'
import { policyList } from '../words.ts'

export const shadowedRule: LintRule = {
  id: 'shadowed-rule',
  severity: 'warning',
  title: 'A rule that others contradict before it is asked',
  why: `The first rule that matches decides: tier by tier, policy by policy, rule by rule. All that this rule matches is decided
before it, some of it the other way, so it never takes effect, for no pod that could exist.`,
  fix: 'give the policy a smaller order (or an earlier tier), or remove the rule',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: quarantine, namespace: shop }
spec:
  order: 10
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Deny, source: { selector: tier == 'back' } }
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: db-from-api, namespace: shop }
spec:
  order: 20
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: app == 'web' }
      destination: { ports: [5432] }
    - action: Allow
      protocol: TCP
      source: { selector: app == 'api' && tier == 'back' }
      destination: { ports: [5432] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: quarantine, namespace: shop }
spec:
  order: 30
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Deny, source: { selector: tier == 'back' } }
    - { action: Allow, protocol: TCP, source: { selector: all() }, destination: { ports: [5432] } }
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: db-from-api, namespace: shop }
spec:
  order: 20
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: app == 'api' && tier == 'back' }
      destination: { ports: [5432] }`,
  check: (context) => spots(context, isShadowed),
}

export const redundantRule: LintRule = {
  id: 'redundant-rule',
  severity: 'info',
  title: 'A rule that changes nothing',
  why: `Without this rule every verdict is the same, for the pods that exist and for those that could: others say the same
already. It is one more thing to read and to keep, and whoever removes it later believes that something closes.`,
  fix: 'remove the rule, or narrow the one that covers it',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: {} }]
      ports: [{ protocol: TCP, port: 8080 }]
    - from: [{ podSelector: { matchLabels: { app: web } } }]
      ports: [{ protocol: TCP, port: 8080 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: web } } }]
      ports: [{ protocol: TCP, port: 8080 }]`,
  check: (context) => spots(context, (rule) => !isShadowed(rule) && !isCustomary(rule)),
}

export const redundantPolicy: LintRule = {
  id: 'redundant-policy',
  severity: 'warning',
  title: 'A policy that changes nothing',
  why: `Without this policy every verdict is the same, for the pods that exist and for those that could: its pods are isolated
by others, and what it allows others allow. A policy that is thought to protect does not.`,
  fix: 'remove the policy, or narrow the one that covers it',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: back-end, namespace: shop }
spec:
  podSelector: { matchLabels: { tier: back } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: {} }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db, tier: back } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 5432 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: {} }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db, tier: back } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 5432 }]`,
  *check(context) {
    for (const { policy, covered } of coverage(context).policies) {
      const linted = context.linted(policy.ref)
      if (!linted) continue
      yield {
        object: linted.object,
        path: ['metadata', 'name'],
        message: `${describePolicy(policy.ref)} changes nothing beside ${policyList(covered)}`,
      }
    }
  },
}

function* spots(context: LintContext, wanted: (rule: SuperfluousRule) => boolean): Generator<Spot> {
  for (const rule of coverage(context).rules.filter(wanted)) {
    const linted = context.linted(rule.policy.ref)
    if (!linted) continue
    yield {
      object: linted.object,
      path: ['spec', rule.direction, rule.index],
      message: sentence(rule),
    }
  }
}

function sentence(rule: SuperfluousRule): string {
  const { policy, deciders, neverDecides } = rule
  const others = deciders.filter((one) => one !== policy)
  const who = others.length > 0 ? policyList(others) : 'the rest of this policy'
  const [decide, say] = others.length > 1 ? ['decide', 'say'] : ['decides', 'says']
  if (isShadowed(rule)) return `never takes effect: ${who} ${decide} all that it matches`
  return neverDecides
    ? `never decides: ${who} ${say} the same before it`
    : `changes nothing: ${who} ${say} the same`
}
