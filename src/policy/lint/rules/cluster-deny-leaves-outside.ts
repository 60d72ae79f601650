import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const clusterDenyOutside: LintRule = {
  id: 'cluster-deny-leaves-outside',
  severity: 'info',
  title: 'A cluster-wide Deny that does not mean the Internet',
  why: `A ClusterNetworkPolicy cannot name addresses as sources. \`namespaces: {}\` is every pod, and nobody outside the cluster:
clients that come through a NodePort or a load balancer are not denied.`,
  fix: 'deny them with a Calico GlobalNetworkPolicy, which takes nets as sources',
  cluster: shop,
  bad: `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: close-shop }
spec:
  tier: Baseline
  priority: 10
  subject: { namespaces: { matchLabels: { team: shop } } }
  ingress:
    - { name: deny-all, action: Deny, from: [{ namespaces: {} }] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: close-shop }
spec:
  namespaceSelector: team == 'shop'
  types: [Ingress]`,
  *check({ policies }) {
    for (const { object, admitted } of policies) {
      if (admitted.kind !== 'ClusterNetworkPolicy') continue
      for (const [index, rule] of (admitted.spec.ingress ?? []).entries()) {
        const everyone = (rule.from ?? []).some(
          (peer: { namespaces?: object }) => peer.namespaces && Object.keys(peer.namespaces).length === 0,
        )
        if (rule.action === 'Deny' && everyone && !rule.protocols)
          yield {
            object,
            path: ['spec', 'ingress', index, 'from'],
            message: 'denies every pod, and nobody outside the cluster',
          }
      }
    }
  },
}
