import { describePolicy } from '../../model/index.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const stagedTwin: LintRule = {
  id: 'staged-behind-its-twin',
  severity: 'warning',
  title: 'A staged change that its enforced twin hides',
  why: `Pending verdicts ask staged and enforced policies in one order. With the same name and order the enforced one comes
first, so where it decides, the staged change is never asked and its effect does not show.`,
  fix: 'give the staged policy a smaller order than the enforced one',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  order: 100
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: tier == 'back' }, destination: { ports: [5432] } }
---
apiVersion: projectcalico.org/v3
kind: StagedNetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  order: 100
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }
    - action: Deny`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  order: 100
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: tier == 'back' }, destination: { ports: [5432] } }
---
apiVersion: projectcalico.org/v3
kind: StagedNetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  order: 90
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }
    - action: Deny`,
  alsoFinds: ['staged-left-behind'],
  *check(context) {
    for (const staged of context.inOrder) {
      const linted = context.linted(staged)
      if (!staged.staged || !linted) continue
      const { name, namespace, tier } = staged.ref
      const twin = context.inOrder.find(
        ({ ref, order, staged: isStaged }) =>
          !isStaged &&
          ref.name === name &&
          ref.namespace === namespace &&
          ref.tier === tier &&
          order === staged.order,
      )
      if (!twin) continue
      yield {
        object: linted.object,
        path: ['spec', 'order'],
        message: `${describePolicy(twin.ref)} has the same order and is asked first, so this shows only where that one decides nothing`,
      }
    }
  },
}
