import type { Direction } from '../../rules.ts'
import { shop } from '../example-cluster.ts'
import type { LintContext } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'

export const noDefaultDeny: LintRule = {
  id: 'namespace-without-default-deny',
  severity: 'info',
  title: 'A namespace that is open to what comes next',
  why: `Where no policy selects **every** pod of a namespace, a new pod with labels nobody thought of is open to all. The
policies that are there protect today's pods only.`,
  fix: 'add a policy that selects all pods of the namespace and names Ingress in its types',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 5432 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: shop }
spec:
  podSelector: {}
  policyTypes: [Ingress]
---
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
    for (const object of context.ofKind('Namespace')) {
      const { name } = object.metadata
      if (!hasIngressPolicy(context, name) || isIsolated(context, name, 'ingress')) continue
      yield {
        object,
        path: ['metadata', 'name'],
        message: `a new pod in ${name} without labels is open to everybody`,
      }
    }
  },
}

function hasIngressPolicy({ inOrder }: LintContext, namespace: string): boolean {
  return inOrder.some(
    ({ ref, rules, staged }) => !staged && ref.namespace === namespace && rules.ingress !== null,
  )
}

/** Whether a policy governs a pod without labels of its own, in any tier that denies at its end. */
function isIsolated({ model }: LintContext, namespace: string, direction: Direction): boolean {
  const labels = model.catalog.labelSource.podLabels(namespace, 'default', {})
  return model.tiers.some(({ policies }) =>
    policies.some(({ rules, staged, selects }) => !staged && rules[direction] !== null && selects(labels)),
  )
}
