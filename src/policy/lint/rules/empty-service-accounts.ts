import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { directions } from '../rule-site.ts'

export const emptyServiceAccounts: LintRule = {
  id: 'empty-service-accounts',
  severity: 'error',
  title: 'serviceAccounts without names, which means anybody',
  why: `An empty criterion is no criterion. \`serviceAccounts: {}\`, or one with an empty list of names, restricts nothing: the
rule matches every source.`,
  fix: 'name the service accounts, or select them by their labels',
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
      source: { serviceAccounts: { names: [] } }
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
      source: { serviceAccounts: { names: [default] } }
      destination: { ports: [5432] }`,
  *check({ policies }) {
    for (const { object, admitted } of policies)
      for (const direction of directions)
        for (const [index, rule] of (admitted.spec[direction] ?? []).entries())
          for (const side of ['source', 'destination']) {
            const accounts = rule[side]?.serviceAccounts
            if (!accounts || accounts.names?.length || accounts.selector) continue
            const path = ['spec', direction, index, side, 'serviceAccounts']
            yield { object, path, message: 'an empty serviceAccounts restricts nothing' }
          }
  },
}
