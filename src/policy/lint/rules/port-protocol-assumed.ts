import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { directions } from '../rule-site.ts'

export const portProtocolAssumed: LintRule = {
  id: 'port-protocol-assumed',
  severity: 'warning',
  title: 'A Kubernetes port without a protocol, which means TCP',
  why: `Kubernetes fills in TCP. For most ports that is what was meant, and for DNS it is not: names are asked for over UDP
first, so a rule for port 53 alone allows hardly any of it. An entry without a port means all **TCP** ports, not all
traffic.`,
  fix: 'write the protocol; for DNS list port 53 twice, once with UDP and once with TCP',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ port: 5432 }]`,
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
  *check({ policies }) {
    for (const { object } of policies) {
      if (!object.spec?.podSelector) continue
      for (const direction of directions)
        for (const [index, rule] of entriesOf(object.spec[direction]))
          for (const [at, port] of entriesOf(rule?.ports)) {
            if (port === null || typeof port !== 'object' || port.protocol !== undefined) continue
            const what = port.port === undefined ? 'all TCP ports' : `TCP/${port.port}`
            const path = ['spec', direction, index, 'ports', at]
            yield { object, path, message: `without a protocol this is ${what}, and nothing of UDP` }
          }
    }
  },
}

// biome-ignore lint/suspicious/noExplicitAny: a list as it was written, which may be anything
function entriesOf(list: unknown): [number, any][] {
  return Array.isArray(list) ? [...list.entries()] : []
}
