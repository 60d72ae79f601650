import { cidrTexts } from '../../model/index.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { destinationEndpoints, oncePerPort } from '../named-ports.ts'
import { ruleSites } from '../rule-site.ts'

export const namedPortOutside: LintRule = {
  id: 'named-port-outside',
  severity: 'error',
  title: 'A named port of destinations outside the cluster',
  why: `Port names exist on pods and host endpoints only. A rule with a name and addresses outside the cluster matches nothing,
because nobody there declares what \`https\` means.`,
  fix: 'write the number',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: payments, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Egress]
  egress:
    - to: [{ ipBlock: { cidr: 203.0.113.0/24 } }]
      ports: [{ protocol: TCP, port: https }]
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: payments, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Egress]
  egress:
    - to: [{ ipBlock: { cidr: 203.0.113.0/24 } }]
      ports: [{ protocol: TCP, port: 443 }]
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  *check(context) {
    for (const { site, name, path } of oncePerPort(ruleSites(context))) {
      const { nets } = site.rule.destination
      if (nets.length === 0 || destinationEndpoints(context, site).length > 0) continue
      yield {
        object: site.linted.object,
        path,
        message: `${name} means nothing at ${cidrTexts(nets).join(', ')}: only pods declare port names`,
      }
    }
  },
}
