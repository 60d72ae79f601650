import { pathText } from '../../admit/index.ts'
import { shop } from '../example-cluster.ts'
import { misfitOf } from '../field-places.ts'
import type { LintRule } from '../lint-rule.ts'
import { isUnknownField } from '../unknown-field.ts'

export const foreignField: LintRule = {
  id: 'field-of-other-kind',
  severity: 'error',
  title: 'A field of the other NetworkPolicy',
  why: `Kubernetes and Calico both have a kind called NetworkPolicy, with different fields: podSelector and policyTypes here,
selector and types there. The apiVersion decides; fields of the other one are dropped. A Calico policy whose selector
is written as podSelector has no selector, which means **all** pods.`,
  fix: 'correct the apiVersion, or use the fields of this kind',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
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
        const misfit = misfitOf(linted, problem)
        if (misfit.kind !== 'foreign') continue
        yield {
          object: linted.object,
          path: problem.path,
          message: `${pathText(problem.path)} is no field of ${linted.object.apiVersion}; it belongs to ${misfit.form}`,
        }
      }
  },
}
