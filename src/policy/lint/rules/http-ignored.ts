import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'

export const httpIgnored: LintRule = {
  id: 'http-ignored',
  severity: 'warning',
  title: 'HTTP methods and paths that the kernel does not look at',
  why: `\`http\` is checked by Envoy with Calico's Dikastes only. The kernel sees addresses and ports: without that sidecar the
rule allows **every** request on the connection, and anything else that is sent over it.`,
  fix: 'restrict methods and paths in the application or its proxy, and keep the ports here',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: api-read-only, namespace: shop }
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: app == 'web' }
      destination: { ports: [8080] }
      http: { methods: [GET] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: api-from-web, namespace: shop }
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: app == 'web' }
      destination: { ports: [8080] }`,
  *check({ policies }) {
    for (const { object, admitted } of policies)
      for (const [index, rule] of (admitted.spec.ingress ?? []).entries())
        if (rule.http)
          yield {
            object,
            path: ['spec', 'ingress', index, 'http'],
            message: 'only Envoy checks http: without it the whole connection is allowed',
          }
  },
}
