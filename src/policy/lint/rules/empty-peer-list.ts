import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { directions } from '../rule-site.ts'

export const emptyPeerList: LintRule = {
  id: 'empty-peer-list',
  severity: 'error',
  title: 'from: [] that means everybody',
  why: `An empty \`from\` or \`to\` reads like "from nobody" and means the same as none at all: from **everybody**, the Internet
included. An empty list of rules, one level higher, is what allows nothing.`,
  fix: 'name the peers, or remove the rule if nothing is to be allowed',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: []
      ports: [{ protocol: TCP, port: 5432 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 5432 }]`,
  *check({ policies }) {
    for (const { object, admitted } of policies)
      for (const direction of directions)
        for (const [index, rule] of (admitted.spec[direction] ?? []).entries()) {
          const list = direction === 'ingress' ? 'from' : 'to'
          if (!Array.isArray(rule[list]) || rule[list].length > 0) continue
          const who = direction === 'ingress' ? 'every source' : 'every destination'
          yield {
            object,
            path: ['spec', direction, index, list],
            message: `an empty ${list} is ${who}, the Internet included`,
          }
        }
  },
}
