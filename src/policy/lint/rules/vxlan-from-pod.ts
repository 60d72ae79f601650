import { protocolNumbers } from '../../protocol.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'

export const vxlanFromPod: LintRule = {
  id: 'vxlan-from-pod',
  severity: 'warning',
  title: 'An egress rule for the VXLAN port, which never takes effect',
  why: `Calico drops UDP to port 4789 from pods before any policy is asked, so that no pod can slip past policies by
encapsulating packets itself. An Allow rule for it changes nothing.`,
  fix: 'let the application use another port',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: overlay, namespace: shop }
spec:
  selector: app == 'web'
  types: [Egress]
  egress:
    - { action: Allow, protocol: UDP, destination: { selector: app == 'api', ports: [4789] } }
    - { action: Allow, destination: { namespaceSelector: projectcalico.org/name == 'kube-system' } }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: overlay, namespace: shop }
spec:
  selector: app == 'web'
  types: [Egress]
  egress:
    - { action: Allow, protocol: UDP, destination: { selector: app == 'api', ports: [4790] } }
    - { action: Allow, destination: { namespaceSelector: projectcalico.org/name == 'kube-system' } }`,
  *check(context) {
    const { vxlanPort } = context.model.options
    for (const { linted, direction, rule, path } of oncePerPath(ruleSites(context))) {
      const [port, ...others] = rule.destination.ports
      if (direction !== 'egress' || rule.action !== 'allow' || rule.protocol !== protocolNumbers.UDP) continue
      if (others.length > 0 || port?.first !== vxlanPort || port.last !== vxlanPort) continue
      yield { object: linted.object, path, message: `UDP to port ${vxlanPort} is dropped before any policy` }
    }
  },
}
