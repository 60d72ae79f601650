import { and, selectorText } from '../../selector.ts'
import { shop } from '../example-cluster.ts'
import { hostPodsLike } from '../host-pods.ts'
import type { LintRule } from '../lint-rule.ts'
import { endpointsOf, namespaceOf, ownTerms, selectsAnything, withoutNamespace } from '../peers.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'

export const peerMatchesNothing: LintRule = {
  id: 'peer-matches-nothing',
  severity: 'warning',
  title: 'A peer that matches no pod and no network set',
  why: `A rule whose peer selects nothing never matches. Often a label is misspelt, or the namespace lacks the label that its
selector asks for: a namespace has no label \`name\` unless somebody put it there, but always
\`kubernetes.io/metadata.name\`.`,
  fix: 'correct the labels, or remove the rule if what it was for is gone',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-metrics, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { name: monitoring } }
      ports: [{ protocol: TCP, port: 8080 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-metrics, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } }
      ports: [{ protocol: TCP, port: 8080 }]`,
  *check(context) {
    if (!context.knowsPods) return
    for (const { linted, policy, rule, far, peerPath } of oncePerPath(ruleSites(context))) {
      const { selector } = rule.draft[far]
      if (!selector || selectsAnything(context, selector)) continue
      const own = ownTerms(selector)
      const namespace = namespaceOf(selector)
      const confined = namespace !== null && namespace === policy.ref.namespace
      // Told by peer-in-own-namespace, host-network-peer and namespace-selector-by-name.
      if (confined && own.length > 0 && endpointsOf(context, withoutNamespace(selector)).length > 0) continue
      if (hostPodsLike(context, selector).length > 0) continue
      if (selectorText(selector).includes('pcns.projectcalico.org/namespace ')) continue
      // A namespace that the policy does not add was written by its author.
      const isWhole = own.length === 0 || (namespace !== null && !confined)
      yield {
        object: linted.object,
        path: peerPath,
        message: `no pod and no network set matches ${selectorText(isWhole ? selector : and(...own))}`,
      }
    }
  },
}
