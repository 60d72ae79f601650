import { and, selectorText } from '../../selector.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { endpointsOf, namespaceOf, ownTerms, selectsAnything, withoutNamespace } from '../peers.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'
import { listText } from '../words.ts'

export const peerInOwnNamespace: LintRule = {
  id: 'peer-in-own-namespace',
  severity: 'error',
  title: 'A selector that cannot leave its namespace',
  why: `In a namespaced policy, a peer without a namespaceSelector means pods of the policy's own namespace. Labels that only
pods of another namespace carry then match nobody. The classic is DNS: \`k8s-app == 'kube-dns'\` is right, but the DNS
pods are in kube-system, so every name stops resolving.`,
  fix: 'add a namespaceSelector beside the selector, in the same peer',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: shop }
spec:
  selector: all()
  types: [Egress]
  egress:
    - action: Allow
      protocol: UDP
      destination: { selector: k8s-app == 'kube-dns', ports: [53] }
    - action: Allow
      protocol: TCP
      destination: { selector: k8s-app == 'kube-dns', ports: [53] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: shop }
spec:
  selector: all()
  types: [Egress]
  egress:
    - action: Allow
      protocol: UDP
      destination:
        namespaceSelector: projectcalico.org/name == 'kube-system'
        selector: k8s-app == 'kube-dns'
        ports: [53]
    - action: Allow
      protocol: TCP
      destination:
        namespaceSelector: projectcalico.org/name == 'kube-system'
        selector: k8s-app == 'kube-dns'
        ports: [53]`,
  alsoFinds: ['dns-blocked'],
  *check(context) {
    for (const { linted, policy, rule, far, peerPath } of oncePerPath(ruleSites(context))) {
      const { selector } = rule.draft[far]
      const { namespace } = policy.ref
      if (!selector || namespace === null || namespaceOf(selector) !== namespace) continue
      const own = ownTerms(selector)
      if (own.length === 0 || selectsAnything(context, selector)) continue
      const elsewhere = endpointsOf(context, withoutNamespace(selector))
      if (elsewhere.length === 0) continue
      const where = listText(elsewhere.map((endpoint) => endpoint.namespace ?? endpoint.id))
      yield {
        object: linted.object,
        path: peerPath,
        message: `${selectorText(and(...own))} looks in namespace ${namespace} only and finds nobody there; what it would match is in ${where}`,
      }
    }
  },
}
