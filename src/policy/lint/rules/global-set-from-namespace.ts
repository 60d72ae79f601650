import { and, compileSelector, selectorText } from '../../selector.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { namespaceOf, ownTerms, selectsAnything } from '../peers.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'

export const globalSetFromNamespace: LintRule = {
  id: 'global-set-from-namespace',
  severity: 'error',
  title: 'A GlobalNetworkSet that a namespaced policy does not see',
  why: `In a namespaced policy a selector without a namespaceSelector looks in the policy's own namespace: at its pods and its
NetworkSets. A GlobalNetworkSet is in none and is never found that way.`,
  fix: 'add namespaceSelector: global() beside the selector',
  cluster: `${shop}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: { name: payments, labels: { role: payments } }
spec: { nets: [203.0.113.0/24] }`,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: api-egress, namespace: shop }
spec:
  selector: app == 'api'
  types: [Egress]
  egress:
    - { action: Allow, protocol: TCP, destination: { selector: role == 'payments', ports: [443] } }
    - { action: Allow, destination: { namespaceSelector: projectcalico.org/name == 'kube-system' } }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: api-egress, namespace: shop }
spec:
  selector: app == 'api'
  types: [Egress]
  egress:
    - action: Allow
      protocol: TCP
      destination: { namespaceSelector: global(), selector: role == 'payments', ports: [443] }
    - { action: Allow, destination: { namespaceSelector: projectcalico.org/name == 'kube-system' } }`,
  alsoFinds: ['peer-matches-nothing'],
  *check(context) {
    const globalSets = context.ofKind('GlobalNetworkSet')
    for (const { linted, policy, rule, far, peerPath } of oncePerPath(ruleSites(context))) {
      const { selector } = rule.draft[far]
      if (!selector || namespaceOf(selector) !== policy.ref.namespace) continue
      const own = ownTerms(selector)
      if (own.length === 0 || selectsAnything(context, selector)) continue
      const meant = compileSelector(and(...own))
      const set = globalSets.find(({ metadata }) => meant(new Map(Object.entries(metadata.labels ?? {}))))
      if (!set) continue
      yield {
        object: linted.object,
        path: peerPath,
        message: `${selectorText(and(...own))} would match GlobalNetworkSet ${set.metadata.name}, which is in no namespace`,
      }
    }
  },
}
