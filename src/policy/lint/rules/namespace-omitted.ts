import { isPolicyKind } from '../../admit/index.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const namespaceOmitted: LintRule = {
  id: 'namespace-omitted',
  severity: 'warning',
  title: 'A policy that does not say in which namespace it is',
  why: `Without a namespace a policy lands in whatever namespace the one who applies it happens to be in, usually \`default\`.
It then selects pods there, and protects nobody where it was meant to.`,
  fix: 'write metadata.namespace',
  cluster: `${shop}
---
apiVersion: v1
kind: Pod
metadata: { name: db, namespace: default, labels: { app: db } }
spec:
  containers: [{ name: db, image: postgres }]
status: { podIP: 192.168.4.10, phase: Running }`,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]`,
  *check({ policies }) {
    for (const { object, admitted } of policies)
      if (isPolicyKind(object) && object.metadata.namespace === undefined && admitted.metadata.namespace)
        yield {
          object,
          path: ['metadata'],
          message: 'no namespace is written: it lands in default, or wherever kubectl is',
        }
  },
}
