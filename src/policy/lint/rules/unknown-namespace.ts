import { didYouMean } from '../../admit/index.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const unknownNamespace: LintRule = {
  id: 'unknown-namespace',
  severity: 'warning',
  title: 'A policy in a namespace that is not there',
  why: `Where the namespaces of a cluster are given and a policy names none of them, its name is misspelt or the policy was
left behind. It cannot be applied, or protects nothing.`,
  fix: 'correct the namespace, or add it to what is linted',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: shopp }
spec:
  podSelector: {}
  policyTypes: [Ingress]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: shop }
spec:
  podSelector: {}
  policyTypes: [Ingress]`,
  alsoFinds: ['policy-selects-nothing'],
  *check(context) {
    const given = context.ofKind('Namespace').map(({ metadata }) => metadata.name)
    const used = context.endpoints.map(({ namespace }) => namespace)
    const known = new Set([...given, ...used, 'default'])
    if (given.length === 0) return
    for (const { object } of context.policies) {
      const namespace = object.metadata.namespace
      if (typeof namespace !== 'string' || known.has(namespace)) continue
      yield {
        object,
        path: ['metadata', 'namespace'],
        message: `no namespace ${namespace} is given`,
        fix: didYouMean(namespace, given) ?? this.fix,
      }
    }
  },
}
