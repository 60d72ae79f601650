import { byDecider } from '../by-decider.ts'
import { dnsReach } from '../dns.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { listText } from '../words.ts'

export const dnsUdpOnly: LintRule = {
  id: 'dns-udp-only',
  severity: 'warning',
  title: 'DNS over one protocol only',
  why: `Resolvers ask over UDP and come back over TCP when an answer does not fit. With UDP alone most names resolve and a few
never do: long lists of addresses, signed zones. With TCP alone hardly any does.`,
  fix: 'allow port 53 over UDP and over TCP',
  cluster: shop,
  bad: `
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
      ports: [{ protocol: UDP, port: 53 }]`,
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
  *check(context) {
    const halves = dnsReach(context).filter(({ udp, tcp }) => udp.verdict !== tcp.verdict)
    const allowing = ({ udp, tcp }: (typeof halves)[number]) => (udp.verdict === 'allowed' ? udp : tcp)
    for (const { linted, path, group } of byDecider(context, halves, allowing, 'egress')) {
      const [only, not] = group[0].udp.verdict === 'allowed' ? ['UDP', 'TCP'] : ['TCP', 'UDP']
      yield {
        object: linted.object,
        path,
        message: `${listText(group.map(({ pod }) => pod.id))} may ask for names over ${only} and not over ${not}`,
      }
    }
  },
}
