import { formatCidr, isMasked } from '../../../cidr.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { netSites } from '../rule-nets.ts'

export const ipBlockHostBits: LintRule = {
  id: 'ip-block-host-bits',
  severity: 'warning',
  title: 'An address block that begins in its middle',
  why: `\`10.20.30.40/16\` is the block 10.20.0.0/16: everything behind the prefix is ignored. Kubernetes accepts it, Calico
refuses it in its own kinds. Whoever wrote it probably meant one address, or another length.`,
  fix: 'write the first address of the block, or /32 for one address',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: office, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ ipBlock: { cidr: 203.0.113.7/24 } }]
      ports: [{ protocol: TCP, port: 8080 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: office, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ ipBlock: { cidr: 203.0.113.7/32 } }]
      ports: [{ protocol: TCP, port: 8080 }]`,
  *check(context) {
    for (const { object, path, text, cidr } of netSites(context))
      if (!isMasked(text)) yield { object, path, message: `${text} is the block ${formatCidr(cidr)}` }
  },
}
