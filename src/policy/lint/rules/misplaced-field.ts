import { pathText } from '../../admit/index.ts'
import { shop } from '../example-cluster.ts'
import { misfitOf } from '../field-places.ts'
import type { LintRule } from '../lint-rule.ts'
import { isUnknownField } from '../unknown-field.ts'

export const misplacedField: LintRule = {
  id: 'misplaced-field',
  severity: 'error',
  title: 'A field at the wrong level',
  why: `A field in the wrong place is unknown there. kubectl warns and drops it unless told to be strict, and what remains is
often **wider**: without its \`ports\` a rule allows every port, without its \`podSelector\` a peer is a whole namespace.`,
  fix: 'move it to where it belongs; mind the indentation',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: { matchLabels: { app: api } }
          ports: [{ protocol: TCP, port: 5432 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: { matchLabels: { app: api } }
      ports: [{ protocol: TCP, port: 5432 }]`,
  *check({ policies }) {
    for (const linted of policies)
      for (const problem of linted.problems.filter(isUnknownField)) {
        const misfit = misfitOf(linted, problem)
        if (misfit.kind !== 'misplaced') continue
        yield {
          object: linted.object,
          path: problem.path,
          message: `${pathText(problem.path)} is in the wrong place`,
          fix: `${misfit.name} belongs into ${misfit.place}`,
        }
      }
  },
}
