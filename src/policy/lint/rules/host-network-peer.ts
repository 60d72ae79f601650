import { shop } from '../example-cluster.ts'
import { hostPods, hostPodsLike, podName } from '../host-pods.ts'
import type { LintRule } from '../lint-rule.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'
import { listText } from '../words.ts'

export const hostNetworkPeer: LintRule = {
  id: 'host-network-peer',
  severity: 'error',
  title: 'A peer that means host-network pods',
  why: `Traffic of a host-network pod comes from its node's address. A peer that selects it by labels never matches: no endpoint
has that label and that address. The same holds for a DNS server on the host network.`,
  fix: "allow the nodes' addresses with an ipBlock (nets in Calico), or give the pod a network of its own",
  cluster: `${shop}
---
apiVersion: v1
kind: Pod
metadata: { name: ingress, namespace: monitoring, labels: { app: ingress } }
spec:
  hostNetwork: true
  nodeName: node-1
  containers: [{ name: ingress, image: nginx }]
status: { podIP: 172.18.0.2, phase: Running }`,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } }
          podSelector: { matchLabels: { app: ingress } }
      ports: [{ protocol: TCP, port: 8080 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-web, namespace: shop }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ ipBlock: { cidr: 172.18.0.0/16 } }]
      ports: [{ protocol: TCP, port: 8080 }]`,
  *check(context) {
    if (hostPods(context).length === 0) return
    for (const { linted, rule, far, peerPath } of oncePerPath(ruleSites(context))) {
      const { selector } = rule.draft[far]
      if (!selector || rule[far].groups.some((group) => group.lower().cidrs.length > 0)) continue
      const meant = hostPodsLike(context, selector)
      if (meant.length === 0) continue
      const names = listText(meant.map(podName))
      yield {
        object: linted.object,
        path: peerPath,
        message: `${names} would match, and is on the host network`,
      }
    }
  },
}
