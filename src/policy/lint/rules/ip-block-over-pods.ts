import { formatCidr } from '../../../cidr.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { isTakenOut, netSites, overlaps } from '../rule-nets.ts'

export const ipBlockOverPods: LintRule = {
  id: 'ip-block-over-pods',
  severity: 'warning',
  title: 'An address block over the pod network',
  why: `A block matches addresses, and pods have addresses: one that covers the pod network allows (or denies) pods of **every**
namespace, whatever their labels. Pod addresses also change with every restart, so a block that means one pod today
means another tomorrow.`,
  fix: 'name pods by labels; for addresses outside the cluster choose blocks that leave the pod network out',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ ipBlock: { cidr: 192.168.0.0/16 } }]
      ports: [{ protocol: TCP, port: 5432 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 5432 }]`,
  *check(context) {
    for (const { object, path, text, cidr, except, action } of netSites(context)) {
      if (action === 'Deny' || cidr.prefix === 0) continue
      const covered = context.cluster.podNetworks.find((network) => overlaps(network, cidr))
      const holdsPod = context.endpoints.some(
        ({ kind, addresses }) =>
          kind === 'pod' &&
          addresses.some(
            (one) => one.version === cidr.version && cidr.first <= one.value && one.value <= cidr.last,
          ),
      )
      if (!covered && !holdsPod) continue
      if (covered && (isTakenOut(covered, except) || isTakenOut(cidr, except))) continue
      const where = covered ? `the pod network ${formatCidr(covered)}` : 'addresses of pods'
      yield { object, path, message: `${text} covers ${where}, so it means pods of every namespace` }
    }
  },
}
