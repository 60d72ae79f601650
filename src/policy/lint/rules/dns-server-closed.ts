import { decisionText } from '../../evaluate/index.ts'
import { verdictOn } from '../ask.ts'
import { byDecider } from '../by-decider.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { representatives } from '../representatives.ts'
import { listText } from '../words.ts'

export const dnsServerClosed: LintRule = {
  id: 'dns-server-closed',
  severity: 'error',
  title: "A policy that closes the cluster's DNS",
  why: `A policy for all namespaces selects kube-system, too. The DNS pods are then isolated: nobody reaches them any more, and
they reach neither the API server nor the DNS servers outside. The whole cluster stops resolving names.`,
  fix: "leave system namespaces out: namespaceSelector: projectcalico.org/name not in { 'kube-system', … }",
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: default-deny }
spec:
  namespaceSelector: has(projectcalico.org/name)
  types: [Ingress]`,
  good: `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: default-deny }
spec:
  namespaceSelector: has(projectcalico.org/name) && projectcalico.org/name not in { 'kube-system', 'calico-system' }
  types: [Ingress]`,
  *check(context) {
    const asking = representatives(context)
    const denied = context.dnsPods.flatMap((server) =>
      asking.flatMap((pod) => {
        if (pod.namespace === server.namespace) return []
        const flow = { source: pod.id, destination: server.id, protocol: 'UDP' as const, port: 53 }
        const ingress = verdictOn(context.model, flow)?.ingress
        return ingress?.verdict === 'denied' ? [{ server, pod, ingress }] : []
      }),
    )
    for (const { linted, path, group } of byDecider(context, denied, ({ ingress }) => ingress, 'ingress'))
      yield {
        object: linted.object,
        path,
        message: `${group[0].server.id} does not answer ${listText(group.map(({ pod }) => pod.id))}: ${decisionText(group[0].ingress)}`,
      }
  },
}
