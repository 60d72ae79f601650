import { parseSelector } from '../../selector-parser.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { selectorFields } from '../selector-fields.ts'
import { isReadApart } from './broken-selector-broadens.ts'

export const brokenSelectorDrops: LintRule = {
  id: 'broken-selector-drops',
  severity: 'error',
  title: 'A selector that cannot be read, so that the policy vanishes',
  why: `calicoctl and Calico's API server refuse a selector that does not parse. With plain CRDs kubectl accepts it, and Felix
treats the **whole policy** as if it were not there: it fails open.`,
  fix: "correct the selector: label == 'value', label in { 'a', 'b' }, has(label), joined by && and ||",
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app = 'db'
  types: [Ingress]`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]`,
  *check({ policies }) {
    for (const { object, admitted } of policies)
      for (const { path, text } of selectorFields(admitted)) {
        const parsed = parseSelector(text)
        if (parsed.ok || isReadApart(path)) continue
        yield { object, path, message: `${JSON.stringify(text)}, column ${parsed.column}: ${parsed.message}` }
      }
  },
}
