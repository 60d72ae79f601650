import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { writtenSpec, writtenTypes } from '../written.ts'

export const emptyEgress: LintRule = {
  id: 'empty-egress-without-type',
  severity: 'error',
  title: 'egress: [] that denies no egress',
  why: `Without policyTypes an empty \`egress\` list is the same as none: Kubernetes makes the policy one for **ingress only**,
so egress stays open and ingress is closed, the reverse of what was meant. For Calico's kinds it depends on the way in:
calicoctl says Ingress, Calico's CRDs with their admission policy say Egress.`,
  fix: 'name the direction: policyTypes: [Egress] (types in Calico)',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-no-egress, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  egress: []`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-no-egress, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Egress]
  egress: []`,
  *check({ policies }) {
    for (const linted of policies) {
      const { egress } = writtenSpec(linted.object)
      if (!Array.isArray(egress) || egress.length > 0 || writtenTypes(linted)) continue
      yield {
        object: linted.object,
        path: ['spec', 'egress'],
        message: 'an empty egress list without policy types governs ingress only: egress stays open',
      }
    }
  },
}
