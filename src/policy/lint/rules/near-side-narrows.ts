import { selectorText } from '../../selector.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { endpointsOf } from '../peers.ts'
import { ruleSites } from '../rule-site.ts'
import { listText } from '../words.ts'

export const destinationNarrows: LintRule = {
  id: 'near-side-narrows',
  severity: 'info',
  title: "A rule that narrows the policy's own pods",
  why: `In an ingress rule \`destination\` is the policy's own pod, in an egress rule \`source\` is. A selector there does not
choose a peer: the pods that it leaves out are selected by the policy, and this rule gives them nothing.`,
  fix: 'make a policy of its own for those pods',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: back-end, namespace: shop }
spec:
  selector: tier == 'back'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: app == 'web' }
      destination: { selector: app == 'api', ports: [8080] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: api, namespace: shop }
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: app == 'web' }
      destination: { ports: [8080] }`,
  *check(context) {
    for (const { linted, policy, rule, far, path } of ruleSites(context)) {
      const near = far === 'source' ? 'destination' : 'source'
      const { selector } = rule.draft[near]
      if (!selector || rule.action !== 'allow') continue
      const inside = new Set(endpointsOf(context, selector))
      const left = context.endpoints.filter(
        (one) => policy.selects(one.labelClass.labels) && !inside.has(one),
      )
      if (left.length === 0) continue
      yield {
        object: linted.object,
        path: [...path, near, 'selector'],
        message: `${listText(left.map(({ id }) => id))} is selected by the policy and not by ${selectorText(selector)}`,
      }
    }
  },
}
