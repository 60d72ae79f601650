import { pathText } from '../../admit/index.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { isUnknownField } from '../unknown-field.ts'

/** Problems that a rule of its own explains. */
const explained = [/^selector "/, /^a port by number needs a protocol/, /^need protocol TCP/]

export const refused: LintRule = {
  id: 'invalid-policy',
  severity: 'error',
  title: 'A policy that the API server refuses',
  why: `The API server (or calicoctl) does not accept the policy as it is. Where Calico's kinds are plain CRDs part of these
checks do not run; Felix then leaves the policy out, and what it was to deny is open.`,
  fix: 'correct the value',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ ipBlock: { cidr: 203.0.113.0/24, except: [198.51.100.0/24] } }]
      ports: [{ protocol: TCP, port: 54320, endPort: 5432 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ ipBlock: { cidr: 203.0.113.0/24, except: [203.0.113.128/25] } }]
      ports: [{ protocol: TCP, port: 5432, endPort: 5440 }]`,
  *check({ policies }) {
    for (const { object, problems } of policies)
      for (const problem of problems) {
        const { path, message, fix = this.fix } = problem
        if (isUnknownField(problem) || explained.some((pattern) => pattern.test(message))) continue
        yield { object, path, message: `${pathText(path)}: ${message}`, fix }
      }
  },
}
