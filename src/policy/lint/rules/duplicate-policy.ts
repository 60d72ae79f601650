import { describeObject } from '../../../kubernetes-object.ts'
import { shop } from '../example-cluster.ts'
import { refKey } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'

export const duplicateObject: LintRule = {
  id: 'duplicate-policy',
  severity: 'error',
  title: 'Two policies of the same name',
  why: `Two objects of one kind, namespace and name are one object: whichever is applied last replaces the other, and half of
what was written is not in force.`,
  fix: 'give one of them another name',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: api } } }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }] }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: api } } }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress: [{ from: [{ podSelector: { matchLabels: { app: web } } }] }]`,
  *check({ policies }) {
    const seen = new Set<string>()
    for (const { object, admitted } of policies) {
      const { apiVersion, kind } = object
      const key = refKey({
        apiVersion,
        kind,
        namespace: admitted.metadata.namespace ?? null,
        name: admitted.metadata.name,
      })
      if (seen.has(key))
        yield {
          object,
          path: ['metadata', 'name'],
          message: `${describeObject(object)} is given twice; the last one applied wins`,
        }
      seen.add(key)
    }
  },
}
