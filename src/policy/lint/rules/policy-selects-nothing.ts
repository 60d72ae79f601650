import { shop } from '../example-cluster.ts'
import { hostPods } from '../host-pods.ts'
import type { LintRule } from '../lint-rule.ts'

export const policySelectsNothing: LintRule = {
  id: 'policy-selects-nothing',
  severity: 'warning',
  title: 'A policy that selects nothing',
  why: `A policy that selects no pod changes nothing, so whoever it was to protect is as open as before. Usually a label is
misspelt, or the policy is in another namespace than its pods.`,
  fix: 'correct the selector or the namespace',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: database } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 5432 }]`,
  good: `
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
    if (!context.knowsPods) return
    for (const { object, policy } of context.policies) {
      if (
        !policy ||
        context.model.catalog.endpoints.some(({ labelClass }) => policy.selects(labelClass.labels))
      )
        continue
      const onHost = hostPods(context).length > 0 ? ' (pods on the host network are never selected)' : ''
      yield {
        object,
        path: ['spec', selectorKey(object.spec)],
        message: `${policy.subjectText} selects no pod${onHost}`,
      }
    }
  },
}

function selectorKey(spec: object): string {
  return ['podSelector', 'subject', 'selector', 'namespaceSelector'].find((key) => key in spec) ?? 'selector'
}
