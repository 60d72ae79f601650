import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { isCalicoForm, writtenTypes } from '../written.ts'

export const calicoTypesOmitted: LintRule = {
  id: 'calico-types-omitted',
  severity: 'warning',
  title: 'A Calico policy that leaves its types to whoever stores it',
  why: `Three ways into a cluster fill in \`types\` differently: calicoctl and Calico's API server by the number of rules, Calico's
CRDs with their admission policy by the presence of the fields, and plain CRDs not at all, which Felix reads as
**both**. The same file then closes ingress on one cluster and not on another.`,
  fix: 'write types: [Ingress], [Egress] or both',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-dns, namespace: shop }
spec:
  selector: all()
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
  *check({ policies }) {
    for (const linted of policies) {
      const { types, stagedAction } = linted.admitted.spec
      if (!isCalicoForm(linted) || writtenTypes(linted) || stagedAction === 'Delete') continue
      const [type, other] = types as string[]
      if (other) continue
      yield {
        object: linted.object,
        path: ['spec'],
        message: `types is not written: calicoctl makes it ${type}, a plain CRD leaves both directions closed`,
        fix: `write types: [${type}]`,
      }
    }
  },
}
