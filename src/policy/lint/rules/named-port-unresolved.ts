import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { destinationEndpoints, oncePerPort } from '../named-ports.ts'
import type { RuleSite } from '../rule-site.ts'
import { ruleSites } from '../rule-site.ts'

export const namedPortUnresolved: LintRule = {
  id: 'named-port-unresolved',
  severity: 'error',
  title: 'A named port that no destination pod has',
  why: `A port name stands for the number that each destination pod gives it in its \`containerPort\` list. If none of them has
a port of that name, the rule matches nothing. Names of a **Service's** ports do not count.`,
  fix: 'use the name that the container declares, or the number',
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
      ports: [{ protocol: TCP, port: postgresql }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: postgres }]`,
  *check(context) {
    if (!context.knowsPods) return
    for (const { site, name, path } of oncePerPort(ruleSites(context))) {
      const candidates = destinationEndpoints(context, site)
      if (candidates.length === 0 || candidates.some(({ ports }) => ports.some((port) => port.name === name)))
        continue
      const known = [...new Set(candidates.flatMap(({ ports }) => ports.map((port) => port.name)))]
      yield {
        object: site.linted.object,
        path,
        message: `no ${who(site)} pod has a port called ${name}`,
        fix: known.length > 0 ? `known names: ${known.sort().join(', ')}` : this.fix,
      }
    }
  },
}

function who({ direction }: RuleSite): string {
  return direction === 'ingress' ? 'selected' : 'destination'
}
