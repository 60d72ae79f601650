import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const stagedDelete: LintRule = {
  id: 'staged-delete',
  severity: 'info',
  title: 'stagedAction: Delete, which shows nothing',
  why: `A staged deletion never reaches Felix: the pending verdicts in flow logs are the same with it and without it. They do
not show what removing the policy would do.`,
  fix: 'to preview a removal, compare with "ztlab diff", which leaves the policy out',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: StagedNetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec: { stagedAction: Delete }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: protect-db, namespace: shop }
spec:
  selector: app == 'db'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: TCP, source: { selector: app == 'api' }, destination: { ports: [5432] } }`,
  alsoFinds: ['staged-left-behind'],
  *check({ policies }) {
    for (const { object, admitted } of policies)
      if (admitted.spec.stagedAction === 'Delete')
        yield {
          object,
          path: ['spec', 'stagedAction'],
          message: 'a staged deletion has no effect on pending verdicts',
        }
  },
}
