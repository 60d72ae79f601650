import { someNode } from '../../selector.ts'
import { parseSelector } from '../../selector-parser.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { selectorFields } from '../selector-fields.ts'

export const namespaceSelectorByName: LintRule = {
  id: 'namespace-selector-by-name',
  severity: 'error',
  title: 'A namespaceSelector that uses projectcalico.org/namespace',
  why: `\`projectcalico.org/namespace\` is a label of pods. A namespaceSelector speaks of labels of **namespaces**, where Calico
puts the name under \`projectcalico.org/name\`; Kubernetes puts it under \`kubernetes.io/metadata.name\`. With the wrong
one \`==\` matches no namespace, and \`!=\` every one.`,
  fix: 'write projectcalico.org/name',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-metrics, namespace: shop }
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { namespaceSelector: projectcalico.org/namespace == 'monitoring' }
      destination: { ports: [8080] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-metrics, namespace: shop }
spec:
  selector: app == 'api'
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { namespaceSelector: projectcalico.org/name == 'monitoring' }
      destination: { ports: [8080] }`,
  *check({ policies }) {
    for (const { object, admitted } of policies)
      for (const { path, text } of selectorFields(admitted)) {
        if (path.at(-1) !== 'namespaceSelector') continue
        const parsed = parseSelector(text)
        if (!parsed.ok) continue
        const wrong = someNode(
          parsed.selector,
          (node) => 'label' in node && node.label === 'projectcalico.org/namespace',
        )
        if (!wrong) continue
        const written = JSON.stringify(text)
        yield { object, path, message: `${written}: no namespace has the label projectcalico.org/namespace` }
      }
  },
}
