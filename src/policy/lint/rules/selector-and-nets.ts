import { cidrTexts } from '../../model/index.ts'
import { selectorText } from '../../selector.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { endpointsOf, isInNets } from '../peers.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'

export const selectorAndNets: LintRule = {
  id: 'selector-and-nets',
  severity: 'error',
  title: 'A selector and nets that nothing fulfils together',
  why: `Within one Calico peer all criteria must hold. A selector **and** nets mean "these pods, as far as their addresses are in
these blocks", not "these pods and these blocks". Pods have no addresses outside the pod network, so the rule matches
nothing.`,
  fix: 'make two rules, one with the selector and one with the nets',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: api-egress, namespace: shop }
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source:
        selector: app == 'api'
        nets: [203.0.113.0/24]
      destination: { ports: [8080] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: api-egress, namespace: shop }
spec:
  selector: app == 'web'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: app == 'api' }
      destination: { ports: [8080] }
    - action: Allow
      protocol: TCP
      source: { nets: [203.0.113.0/24] }
      destination: { ports: [8080] }`,
  *check(context) {
    for (const { linted, rule, far, peerPath } of oncePerPath(ruleSites(context))) {
      const { selector } = rule.draft[far]
      const { nets } = rule[far]
      if (!selector || nets.length === 0) continue
      const members = endpointsOf(context, selector)
      if (members.length === 0 || members.some((endpoint) => isInNets(endpoint, nets))) continue
      if (rule[far].groups.some((group) => group.lower().cidrs.length > members.length)) continue
      yield {
        object: linted.object,
        path: peerPath,
        message: `none of the pods that ${selectorText(selector)} selects has an address in ${cidrTexts(nets).join(', ')}; both must hold`,
      }
    }
  },
}
