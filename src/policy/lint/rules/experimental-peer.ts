import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const clusterPolicyPeer: LintRule = {
  id: 'experimental-peer',
  severity: 'error',
  title: 'Peers of the experimental channel',
  why: `\`nodes\` and \`domainNames\` exist in the experimental ClusterNetworkPolicy only. Calico cannot convert them: an Accept
rule with such a peer is dropped, and a Deny or Pass rule becomes **Deny everything** in that direction.`,
  fix: 'name the addresses with networks, or use a GlobalNetworkSet in a Calico policy',
  cluster: shop,
  bad: `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: shop-egress }
spec:
  tier: Admin
  priority: 10
  subject: { namespaces: { matchLabels: { team: shop } } }
  egress:
    - { name: no-nodes, action: Deny, to: [{ nodes: {} }] }`,
  good: `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: shop-egress }
spec:
  tier: Admin
  priority: 10
  subject: { namespaces: { matchLabels: { team: shop } } }
  egress:
    - { name: no-nodes, action: Deny, to: [{ networks: [172.18.0.0/16] }] }`,
  alsoFinds: ['dns-blocked'],
  *check({ policies }) {
    for (const { object, admitted } of policies) {
      if (admitted.kind !== 'ClusterNetworkPolicy') continue
      for (const [index, rule] of (admitted.spec.egress ?? []).entries())
        for (const [at, peer] of (rule.to ?? []).entries()) {
          const name = ['nodes', 'domainNames'].find((key) => key in peer)
          if (!name) continue
          const effect = rule.action === 'Accept' ? 'the rule is dropped' : 'the rule denies everything'
          yield {
            object,
            path: ['spec', 'egress', index, 'to', at, name],
            message: `${name} is experimental: ${effect}`,
          }
        }
    }
  },
}
