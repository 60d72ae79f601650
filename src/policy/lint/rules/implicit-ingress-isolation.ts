import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { isKubernetesForm, writtenSpec, writtenTypes } from '../written.ts'

export const implicitIngress: LintRule = {
  id: 'implicit-ingress-isolation',
  severity: 'error',
  title: 'An egress policy that closes ingress as well',
  why: `Without policyTypes Kubernetes always adds Ingress, and Egress only if there are egress rules. A policy with egress rules
alone therefore isolates its pods for **ingress** too: nobody reaches them any more.`,
  fix: 'write policyTypes: [Egress]',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: shop }
spec:
  podSelector: {}
  egress:
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: shop }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  *check({ policies }) {
    for (const linted of policies) {
      const { ingress, egress } = writtenSpec(linted.object)
      const written = Array.isArray(ingress) && ingress.length > 0
      if (!isKubernetesForm(linted) || writtenTypes(linted) || written) continue
      if (!Array.isArray(egress) || egress.length === 0) continue
      yield {
        object: linted.object,
        path: ['spec', 'egress'],
        message: 'without policyTypes this closes ingress as well, and no ingress rule opens it',
      }
    }
  },
}
