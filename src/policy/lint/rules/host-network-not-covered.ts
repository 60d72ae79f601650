import { describePolicy } from '../../model/index.ts'
import { shop } from '../example-cluster.ts'
import { hostPodsLike, podName } from '../host-pods.ts'
import type { LintRule } from '../lint-rule.ts'
import { listText } from '../words.ts'

const nodeExporter = `
apiVersion: v1
kind: Pod
metadata: { name: node-exporter, namespace: monitoring, labels: { app: node-exporter } }
spec:
  hostNetwork: true
  nodeName: node-1
  containers: [{ name: node-exporter, image: prom/node-exporter, ports: [{ containerPort: 9100 }] }]
status: { podIP: 172.18.0.2, phase: Running }`

export const hostNetworkCovered: LintRule = {
  id: 'host-network-not-covered',
  severity: 'warning',
  title: 'A host-network pod that a policy only seems to cover',
  why: `A pod with \`hostNetwork: true\` has no address of its own: to the network it **is** the node. No pod policy selects it,
so it is as open as before, whatever its labels say.`,
  fix: 'protect the node with a HostEndpoint and a GlobalNetworkPolicy, or drop hostNetwork',
  cluster: `${shop}
---${nodeExporter}`,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-exporters, namespace: monitoring }
spec:
  podSelector: { matchLabels: { app: node-exporter } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: prometheus } } }]
      ports: [{ protocol: TCP, port: 9100 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-prometheus, namespace: monitoring }
spec:
  podSelector: { matchLabels: { app: prometheus } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: {} }]
      ports: [{ protocol: TCP, port: 9090 }]`,
  alsoFinds: ['policy-selects-nothing'],
  *check(context) {
    for (const { object, policy } of context.policies) {
      if (!policy) continue
      const covered = hostPodsLike(context, policy.subject)
      if (covered.length === 0) continue
      yield {
        object,
        path: ['spec'],
        message: `${describePolicy(policy.ref)} does not apply to ${listText(covered.map(podName))}: they are on the host network`,
      }
    }
  },
}
