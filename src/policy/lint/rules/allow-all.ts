import type { Rule } from '../../model/index.ts'
import { shop } from '../example-cluster.ts'
import type { Spot } from '../finding.ts'
import type { LintContext } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'

export const allowAllIngress: LintRule = {
  id: 'allow-all-ingress',
  severity: 'warning',
  title: 'A rule that lets everybody in',
  why: `An ingress rule without a peer and without ports allows every source, the Internet included, on every port. Under the
policy's name its pods look protected, and they are as open as without it; other policies cannot take it back.`,
  fix: 'name the peers and the ports',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - {}`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 5432 }]`,
  check: (context) => allowAll(context, 'ingress'),
}

export const allowAllEgress: LintRule = {
  id: 'allow-all-egress',
  severity: 'warning',
  title: 'A rule that lets everything out',
  why: `An egress rule without a peer and without ports allows every destination: other namespaces, the API server, the cloud's
metadata service, the Internet. A pod that is taken over can call home and look around.`,
  fix: 'name the destinations and the ports',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  selector: app == 'web'
  types: [Egress]
  egress:
    - action: Allow`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec:
  selector: app == 'web'
  types: [Egress]
  egress:
    - action: Allow
      protocol: TCP
      destination: { selector: app == 'api', ports: [8080] }
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
  alsoFinds: ['metadata-service'],
  check: (context) => allowAll(context, 'egress'),
}

function* allowAll(context: LintContext, direction: 'ingress' | 'egress'): Generator<Spot> {
  for (const site of oncePerPath(ruleSites(context))) {
    const { rule, linted, path } = site
    if (site.direction !== direction || rule.action !== 'allow' || !matchesEverything(rule)) continue
    // An empty list of peers is a finding of its own.
    if (hasEmptyPeerList(linted.object.spec[direction][rule.index])) continue
    const what = direction === 'ingress' ? 'every source' : 'every destination'
    yield { object: linted.object, path, message: `allows ${what} on every port` }
  }
}

function matchesEverything({ draft }: Rule): boolean {
  const { protocol, notProtocol, icmp, notIcmp, ipVersion, source, destination } = draft
  const criteria = [protocol, notProtocol, icmp, notIcmp, ipVersion]
  return criteria.every((one) => one === undefined) && isEmpty(source) && isEmpty(destination)
}

function isEmpty(peer: object): boolean {
  return Object.values(peer).every(
    (value) => value === undefined || (Array.isArray(value) && value.length === 0),
  )
}

/** Of a rule that matches everything: a list of its peers can only be empty. */
function hasEmptyPeerList(rule: { from?: unknown; to?: unknown }): boolean {
  return Array.isArray(rule.from) || Array.isArray(rule.to)
}
