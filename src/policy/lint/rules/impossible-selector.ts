import { parseSelector } from '../../selector-parser.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { selectorFields } from '../selector-fields.ts'
import { isImpossible } from '../witness.ts'

export const impossibleSelector: LintRule = {
  id: 'impossible-selector',
  severity: 'error',
  title: 'A selector that nothing can ever fulfil',
  why: `A label has one value. \`app == 'web' && app == 'api'\` asks for two at once and \`app in {}\` for none, so they match
nothing, on this cluster and on any other. OR was probably meant.`,
  fix: "write app in { 'web', 'api' }, or ||",
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
      protocol: TCP
      source: { selector: app == 'web' && app == 'api' }
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
      source: { selector: "app in { 'web', 'api' }" }
      destination: { ports: [5432] }`,
  alsoFinds: ['peer-matches-nothing'],
  *check({ policies }) {
    for (const { object, admitted } of policies)
      for (const { path, text } of selectorFields(admitted)) {
        const parsed = parseSelector(text)
        if (parsed.ok && isImpossible(parsed.selector))
          yield { object, path, message: `nothing can fulfil ${text}` }
      }
  },
}
