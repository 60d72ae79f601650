import { decisionText } from '../../evaluate/index.ts'
import { byDecider } from '../by-decider.ts'
import { dnsReach } from '../dns.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { listText } from '../words.ts'

export const dnsBlocked: LintRule = {
  id: 'dns-blocked',
  severity: 'warning',
  title: 'Pods that cannot resolve names',
  why: `DNS is egress like any other. Once a policy governs a pod's egress and none allows port 53 to the DNS pods, every
connection by name fails, and it looks as if the connection itself were denied.`,
  fix: 'allow UDP and TCP port 53 to the DNS pods: namespace kube-system and k8s-app: kube-dns, in one peer',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web-egress, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress:
    - to: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 8080 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web-egress, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress:
    - to: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 8080 }]
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  *check(context) {
    const blocked = dnsReach(context).filter(
      ({ udp, tcp }) => udp.verdict === 'denied' && tcp.verdict === 'denied',
    )
    for (const { linted, path, group } of byDecider(context, blocked, ({ udp }) => udp, 'egress'))
      yield {
        object: linted.object,
        path,
        message: `${listText(group.map(({ pod }) => pod.id))} cannot resolve names: ${decisionText(group[0]!.udp)}`,
      }
  },
}
