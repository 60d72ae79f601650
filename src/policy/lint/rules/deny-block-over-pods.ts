import { formatCidr } from '../../../cidr.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { isTakenOut, netSites, overlaps } from '../rule-nets.ts'

export const denyBlockOverPods: LintRule = {
  id: 'deny-block-over-pods',
  severity: 'error',
  title: 'A Deny of addresses that cuts pods and DNS',
  why: `A Deny rule for a block is meant for what is outside. Where the block covers the pod network it denies every pod as
well, the DNS pods among them, and being a Deny, no later policy can open them again.`,
  fix: 'allow or pass the pods in an earlier rule, or choose blocks without the pod network',
  cluster: shop,
  bad: `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: no-internet }
spec:
  tier: Admin
  priority: 10
  subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } }
  egress:
    - name: deny-internet
      action: Deny
      to: [{ networks: [0.0.0.0/0] }]`,
  good: `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: no-internet }
spec:
  tier: Admin
  priority: 10
  subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } }
  egress:
    - name: pass-cluster
      action: Pass
      to: [{ namespaces: {} }]
    - name: deny-internet
      action: Deny
      to: [{ networks: [0.0.0.0/0] }]`,
  alsoFinds: ['dns-blocked'],
  *check(context) {
    for (const { object, path, text, cidr, except, action, direction } of netSites(context)) {
      const covered = context.cluster.podNetworks.find((network) => overlaps(network, cidr))
      if (action !== 'Deny' || !covered || isTakenOut(covered, except)) continue
      const earlier: Record<string, unknown>[] = object.spec[direction].slice(0, Number(path[2]))
      if (earlier.some(takesOutPods)) continue
      yield { object, path, message: `denying ${text} denies the pod network ${formatCidr(covered)} too` }
    }
  },
}

/** Whether a rule lets pods past by their labels before the block is asked. */
// biome-ignore lint/suspicious/noExplicitAny: a rule of any kind of policy
function takesOutPods({ action, to, from, destination, source }: any): boolean {
  if (action === 'Deny' || action === 'Log') return false
  const peers = [...(to ?? from ?? []), destination ?? {}, source ?? {}]
  return peers.some((peer) => peer.namespaces || peer.pods || peer.selector || peer.namespaceSelector)
}
