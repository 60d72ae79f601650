import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { ruleSites } from '../rule-site.ts'

export const unknownService: LintRule = {
  id: 'service-without-endpoints',
  severity: 'warning',
  title: 'A Service without endpoints',
  why: `A rule that names a Service means the addresses and target ports of its endpoints. Without endpoints, because the name
is misspelt or the Service selects nothing, the rule matches nothing.`,
  fix: 'correct the name or the namespace of the Service, or its selector',
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
    - { action: Allow, destination: { services: { name: backend, namespace: shop } } }
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
  *check(context) {
    const knowsServices = context.ofKind('Service').length + context.ofKind('EndpointSlice').length > 0
    if (!knowsServices) return
    for (const { linted, rule, peerPath, far } of ruleSites(context)) {
      const { service } = rule.draft[far]
      if (!service || service.name.startsWith('/') || service.name === 'default/kubernetes') continue
      if (context.model.catalog.serviceMembers(service.name).length > 0) continue
      yield {
        object: linted.object,
        path: [...peerPath, 'services'],
        message: `Service ${service.name} has no endpoints, or is not given`,
      }
    }
  },
}
