import { isProtocolName, portProtocols, protocolNumber } from '../../protocol.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { directions } from '../rule-site.ts'

export const icmpWithPorts: LintRule = {
  id: 'ports-of-protocol-without-ports',
  severity: 'error',
  title: 'Ports of a protocol that has none',
  why: `ICMP has types and codes, not ports. Calico refuses ports with any protocol but TCP, UDP and SCTP; where its kinds are
plain CRDs the policy is accepted and then not enforced at all.`,
  fix: 'for ping write protocol: ICMP and icmp: { type: 8 }, without ports',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-ping, namespace: shop }
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: ICMP
      destination: { ports: [8] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-ping, namespace: shop }
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: ICMP
      icmp: { type: 8 }`,
  *check({ policies }) {
    for (const { object, admitted } of policies) {
      for (const direction of directions)
        for (const [index, rule] of (admitted.spec[direction] ?? []).entries()) {
          const { protocol } = rule
          if (!isProtocolName(protocol) && typeof protocol !== 'number') continue
          if (portProtocols.includes(protocolNumber(protocol))) continue
          for (const side of ['source', 'destination'])
            if (rule[side]?.ports?.length || rule[side]?.notPorts?.length)
              yield {
                object,
                path: ['spec', direction, index, side],
                message: `protocol ${protocol} has no ports`,
              }
        }
    }
  },
}
