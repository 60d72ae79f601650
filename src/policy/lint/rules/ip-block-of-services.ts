import { formatCidr, parseCidrOrAddress } from '../../../cidr.ts'
import { shop } from '../example-cluster.ts'
import type { LintContext } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'
import { netSites, overlaps } from '../rule-nets.ts'

export const ipBlockOfServices: LintRule = {
  id: 'ip-block-of-services',
  severity: 'error',
  title: 'An address block of Services',
  why: `No policy ever sees a Service's address: before the first one is asked, the destination is already the address of one
of its pods. A rule that allows the Service network, or a ClusterIP, allows nothing.`,
  fix: 'name the pods behind the Service by their labels, or in Calico the Service itself: destination: { services: … }',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web-egress, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress:
    - to: [{ ipBlock: { cidr: 10.96.0.10/32 } }]
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web-egress, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]`,
  alsoFinds: ['dns-blocked', 'dns-to-nobody'],
  *check(context) {
    const clusterIps = clusterIpsOf(context)
    for (const { object, path, text, cidr } of netSites(context)) {
      const inNetwork = overlaps(context.serviceNetwork, cidr) && cidr.prefix >= context.serviceNetwork.prefix
      const service = clusterIps.find((one) => overlaps(one.cidr, cidr))
      if (!inNetwork && (!service || cidr.prefix < 24)) continue
      const what = service
        ? `the address of Service ${service.name}`
        : `in the Service network ${formatCidr(context.serviceNetwork)}`
      yield { object, path, message: `${text} is ${what}, which no policy ever sees` }
    }
  },
}

function clusterIpsOf(context: LintContext) {
  return context.ofKind('Service').flatMap(({ metadata, spec }) => {
    const cidr = parseCidrOrAddress(spec?.clusterIP ?? '')
    return cidr ? [{ name: `${metadata.namespace ?? 'default'}/${metadata.name}`, cidr }] : []
  })
}
