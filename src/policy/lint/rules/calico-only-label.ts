import { shop } from '../example-cluster.ts'
import type { Path } from '../finding.ts'
import type { LintRule } from '../lint-rule.ts'
import { isKubernetesForm } from '../written.ts'

export const calicoOnlyLabel: LintRule = {
  id: 'calico-only-label',
  severity: 'warning',
  title: 'A label that only Calico knows, in a Kubernetes policy',
  why: `\`projectcalico.org/name\`, \`projectcalico.org/serviceaccount\` and the like are labels that Calico adds in its own memory.
A Kubernetes policy that uses them works with Calico, and matches nothing with any other network plugin.`,
  fix: 'use kubernetes.io/metadata.name for namespaces, and labels of your own for pods',
  cluster: shop,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-metrics, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ namespaceSelector: { matchLabels: { projectcalico.org/name: monitoring } } }]
      ports: [{ protocol: TCP, port: 8080 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-metrics, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } } }]
      ports: [{ protocol: TCP, port: 8080 }]`,
  *check({ policies }) {
    for (const linted of policies)
      if (isKubernetesForm(linted) && linted.object.kind === 'NetworkPolicy')
        for (const { path, label } of labelsIn(linted.admitted.spec, ['spec']))
          yield {
            object: linted.object,
            path,
            message: `no pod or namespace has ${label}: Calico alone adds it`,
          }
  },
}

function* labelsIn(value: unknown, path: Path): Generator<{ path: Path; label: string }> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key]
    if (isCalicoLabel(key)) yield { path: at, label: key }
    else if (key === 'key' && isCalicoLabel(String(inner))) yield { path: at, label: String(inner) }
    else yield* labelsIn(inner, at)
  }
}

function isCalicoLabel(label: string): boolean {
  return /^(projectcalico\.org\/(name|namespace|serviceaccount|orchestrator)|pcns\..*|pcsa\..*)$/.test(label)
}
