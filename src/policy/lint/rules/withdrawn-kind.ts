import { describeObject } from '../../../kubernetes-object.ts'
import { toClusterNetworkPolicy } from '../convert-admin-policy.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const withdrawnKind: LintRule = {
  id: 'withdrawn-kind',
  severity: 'error',
  title: 'AdminNetworkPolicy, which nothing enforces any more',
  why: `AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1) were withdrawn in favour of ClusterNetworkPolicy
(v1alpha2). Calico ignores them since v3.32: what they denied is open, and nothing says so.`,
  fix: 'write it as a ClusterNetworkPolicy',
  cluster: shop,
  bad: `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: { name: protect-shop }
spec:
  priority: 10
  subject: { namespaces: { matchLabels: { team: shop } } }
  ingress:
    - name: metrics
      action: Allow
      from: [{ namespaces: { matchLabels: { team: platform } } }]
      ports: [{ portNumber: { protocol: TCP, port: 8080 } }]`,
  good: `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: protect-shop }
spec:
  tier: Admin
  priority: 10
  subject: { namespaces: { matchLabels: { team: shop } } }
  ingress:
    - name: metrics
      action: Accept
      from: [{ namespaces: { matchLabels: { team: platform } } }]
      protocols: [{ tcp: { destinationPort: { number: 8080 } } }]`,
  *check({ objects }) {
    for (const object of objects) {
      if (object.kind !== 'AdminNetworkPolicy' && object.kind !== 'BaselineAdminNetworkPolicy') continue
      yield {
        object,
        path: ['kind'],
        message: `${describeObject(object)} is ignored since Calico v3.32`,
        fix: `the same as a ClusterNetworkPolicy: ${JSON.stringify(toClusterNetworkPolicy(object))}`,
      }
    }
  },
}
