import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { directions } from '../rule-site.ts'
import { isCalicoForm } from '../written.ts'

export const serviceWithoutNamespace: LintRule = {
  id: 'service-without-namespace',
  severity: 'error',
  title: 'A Service named without its namespace',
  why: `Calico's documentation says that an empty namespace means the policy's own. Its code (v3.32) does not fill it in, and
looks for a Service in no namespace: the rule matches nothing.`,
  fix: 'write services: { name: …, namespace: … }',
  cluster: `${shop}
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: shop }
spec:
  selector: { app: api }
  ports: [{ port: 80, targetPort: 8080 }]`,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: web-egress, namespace: shop }
spec:
  selector: app == 'web'
  types: [Egress]
  egress:
    - { action: Allow, destination: { services: { name: api } } }
    - { action: Allow, destination: { namespaceSelector: projectcalico.org/name == 'kube-system' } }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: web-egress, namespace: shop }
spec:
  selector: app == 'web'
  types: [Egress]
  egress:
    - { action: Allow, destination: { services: { name: api, namespace: shop } } }
    - { action: Allow, destination: { namespaceSelector: projectcalico.org/name == 'kube-system' } }`,
  *check({ policies }) {
    for (const linted of policies) {
      if (!isCalicoForm(linted) || !linted.admitted.metadata.namespace) continue
      for (const direction of directions)
        for (const [index, rule] of (linted.admitted.spec[direction] ?? []).entries())
          for (const side of ['source', 'destination']) {
            const services = rule[side]?.services
            if (!services?.name || services.namespace) continue
            const path = ['spec', direction, index, side, 'services']
            yield {
              object: linted.object,
              path,
              message: `Service ${services.name} is looked for in no namespace`,
            }
          }
    }
  },
}
