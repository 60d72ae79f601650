import { pathText } from '../../admit/index.ts'
import { shop } from '../example-cluster.ts'
import { misfitOf } from '../field-places.ts'
import type { LintRule } from '../lint-rule.ts'
import { isUnknownField } from '../unknown-field.ts'

export const unknownField: LintRule = {
  id: 'unknown-field',
  severity: 'error',
  title: 'A field that does not exist',
  why: `A misspelt field is dropped, and with it the restriction that it was. A server that validates strictly refuses the
object; kubectl with --validate=false, controllers and many pipelines do not notice.`,
  fix: 'correct the spelling',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selektor: app == 'db'
  types: [Ingress]`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]`,
  *check({ policies }) {
    for (const linted of policies)
      for (const problem of linted.problems.filter(isUnknownField)) {
        if (misfitOf(linted, problem).kind !== 'unknown') continue
        const { path, fix = this.fix } = problem
        yield { object: linted.object, path, message: `${pathText(path)}: there is no such field`, fix }
      }
  },
}
