import { decisionText } from '../../evaluate/index.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { oneSided } from '../other-side.ts'

const deny = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: shop }
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: shop }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
          podSelector: { matchLabels: { k8s-app: kube-dns } }
      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]
---`

const ingress = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-from-api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: db } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: api } } }]
      ports: [{ protocol: TCP, port: 5432 }]`

const egress = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api-to-db, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Egress]
  egress:
    - to: [{ podSelector: { matchLabels: { app: db } } }]
      ports: [{ protocol: TCP, port: 5432 }]`

export const ingressWithoutEgress: LintRule = {
  id: 'ingress-without-egress',
  severity: 'warning',
  title: 'Ingress that is allowed, from pods whose egress is not',
  why: `A connection needs both ends: the egress of its source **and** the ingress of its destination. Here the destination lets
the clients in, and the clients' own policies do not let them out, so the packet never leaves them.`,
  fix: 'allow the same traffic in an egress policy of the clients',
  cluster: shop,
  bad: deny + ingress,
  good: `${deny + ingress}\n---${egress}`,
  *check(context) {
    for (const { site, from, to, port, denied } of oneSided(context, 'ingress'))
      yield {
        object: site.linted.object,
        path: site.peerPath,
        message: `allowed here, and ${from.id} may not send to ${to.id} port ${port}: ${decisionText(denied)}`,
      }
  },
}

export const egressWithoutIngress: LintRule = {
  id: 'egress-without-ingress',
  severity: 'warning',
  title: 'Egress that is allowed, to pods whose ingress is not',
  why: `A connection needs both ends: the egress of its source **and** the ingress of its destination. Here the clients may
send, and the destination's own policies do not let them in.`,
  fix: 'allow the same traffic in an ingress policy of the destination',
  cluster: shop,
  bad: deny + egress,
  good: `${deny + egress}\n---${ingress}`,
  *check(context) {
    for (const { site, from, to, port, denied } of oneSided(context, 'egress'))
      yield {
        object: site.linted.object,
        path: site.peerPath,
        message: `allowed here, and ${to.id} port ${port} does not let ${from.id} in: ${decisionText(denied)}`,
      }
  },
}
