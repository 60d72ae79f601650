import { parseSelector } from '../../selector-parser.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { selectorFields } from '../selector-fields.ts'

/** Selectors that Calico reads apart from the rest of the policy, and replaces by nothing where it cannot. */
export function isReadApart(path: (string | number)[]): boolean {
  const field = path.at(-1)
  return (
    field === 'namespaceSelector' || field === 'serviceAccountSelector' || path.at(-2) === 'serviceAccounts'
  )
}

export const brokenSelectorBroadens: LintRule = {
  id: 'broken-selector-broadens',
  severity: 'error',
  title: 'A selector that cannot be read, so that the rule gets wider',
  why: `A namespaceSelector, a serviceAccountSelector or a serviceAccounts selector that does not parse is refused by calicoctl
and Calico's API server. With plain CRDs it gets in, Calico logs an error and goes on **without that restriction**: an
Allow rule that had only this criterion then allows everybody.`,
  fix: "correct the selector: label == 'value', label in { 'a', 'b' }, has(label), joined by && and ||",
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-metrics, namespace: shop }
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { namespaceSelector: "team = 'platform'" }
      destination: { ports: [8080] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-metrics, namespace: shop }
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { namespaceSelector: "team == 'platform'" }
      destination: { ports: [8080] }`,
  *check({ policies }) {
    for (const { object, admitted } of policies)
      for (const { path, text } of selectorFields(admitted)) {
        const parsed = parseSelector(text)
        if (parsed.ok || !isReadApart(path)) continue
        yield {
          object,
          path,
          message: `${JSON.stringify(text)}, column ${parsed.column}: ${parsed.message}; without validation the restriction vanishes`,
        }
      }
  },
}
