import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { directions } from '../rule-site.ts'

export const portsWithoutProtocol: LintRule = {
  id: 'ports-without-protocol',
  severity: 'error',
  title: 'Ports without a protocol',
  why: `Calico has no default protocol. calicoctl and Calico's API server refuse such a policy; where its kinds are plain CRDs,
kubectl accepts it, and Felix then drops **the whole policy** in silence: everything it was to deny is open.`,
  fix: 'add protocol: TCP (or UDP, SCTP) to the rule',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - action: Allow
      source: { selector: app == 'api' }
      destination: { ports: [5432] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: app == 'api' }
      destination: { ports: [5432] }`,
  *check({ policies }) {
    for (const { object, admitted } of policies) {
      for (const direction of directions)
        for (const [index, rule] of (admitted.spec[direction] ?? []).entries())
          for (const side of ['source', 'destination'])
            for (const field of ['ports', 'notPorts']) {
              const ports: (number | string)[] = rule[side]?.[field] ?? []
              if (rule.protocol !== undefined || !ports.some(isNumeric)) continue
              const path = ['spec', direction, index, side, field]
              yield { object, path, message: `ports ${ports.join(', ')} and no protocol` }
            }
    }
  },
}

export function isNumeric(port: number | string): boolean {
  return /^\d+(:\d+)?$/.test(String(port))
}
