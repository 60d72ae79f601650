import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { shop } from '../example-cluster.ts'
import type { Spot } from '../finding.ts'
import type { LintRule } from '../lint-rule.ts'

interface Peer {
  podSelector?: object
  namespaceSelector?: object
}

export const orInsteadOfAnd: LintRule = {
  id: 'or-instead-of-and',
  severity: 'warning',
  title: 'Two list items where one was probably meant',
  why: `Items of \`from\` and \`to\` are alternatives. A namespaceSelector in one item and a podSelector in the next mean "every
pod of those namespaces, **or** these pods of my own namespace", which is far more than "these pods of those
namespaces". One dash decides.`,
  fix: 'put both selectors into one item, or write the podSelector first with a comment if OR is meant',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-metrics, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } }
        - podSelector: { matchLabels: { app: prometheus } }
      ports: [{ protocol: TCP, port: 8080 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-metrics, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } }
          podSelector: { matchLabels: { app: prometheus } }
      ports: [{ protocol: TCP, port: 8080 }]`,
  alsoFinds: ['peer-in-own-namespace'],
  *check({ policies }) {
    for (const { object, admitted } of policies) {
      if (!admitted.spec.podSelector) continue
      for (const [list, peers] of [
        ['ingress', 'from'],
        ['egress', 'to'],
      ] as const)
        for (const [index, rule] of (admitted.spec[list] ?? []).entries())
          yield* neighbours(object, rule[peers] ?? [], ['spec', list, index, peers])
    }
  },
}

/** A selector of namespaces, and right behind it one of pods. */
function* neighbours(object: KubernetesObject, peers: Peer[], path: Spot['path']): Generator<Spot> {
  for (const [index, peer] of peers.entries()) {
    const next = peers[index + 1]
    if (!next || !onlyNamespaces(peer) || !onlyPods(next)) continue
    yield {
      object,
      path: [...path, index + 1],
      message: `items ${index} and ${index + 1} are alternatives: every pod of the namespaces, or the pods here; not the pods of those namespaces`,
    }
  }
}

function onlyNamespaces({ namespaceSelector, podSelector }: Peer): boolean {
  return namespaceSelector !== undefined && podSelector === undefined
}

function onlyPods({ namespaceSelector, podSelector }: Peer): boolean {
  return podSelector !== undefined && namespaceSelector === undefined && Object.keys(podSelector).length > 0
}
