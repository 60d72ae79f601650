import { describeObject } from '../../../kubernetes-object.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const stagedLeftBehind: LintRule = {
  id: 'staged-left-behind',
  severity: 'info',
  title: 'A staged policy that was left behind',
  why: `A staged policy is never enforced: it shows in flow logs what it would do. Once it has been observed, it is either
made real or removed; one that stays is mistaken for protection.`,
  fix: 'make it real by dropping "Staged" from its kind (and stagedAction), or remove it',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: StagedNetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }`,
  *check({ policies }) {
    for (const { object } of policies)
      if (object.kind.startsWith('Staged'))
        yield {
          object,
          path: ['kind'],
          message: `${describeObject(object)} is staged: nothing of it is enforced`,
        }
  },
}
