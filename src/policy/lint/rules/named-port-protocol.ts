import { protocolText } from '../../protocol.ts'
import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { destinationEndpoints, oncePerPort } from '../named-ports.ts'
import { ruleSites } from '../rule-site.ts'

export const namedPortProtocol: LintRule = {
  id: 'named-port-protocol',
  severity: 'error',
  title: 'A named port of another protocol',
  why: `A port name counts only where the container declares it for the rule's protocol. A DNS server calls its UDP port
\`dns\` and its TCP port \`dns-tcp\`; a rule for TCP and \`dns\` matches nothing. A Kubernetes policy that names no protocol
means TCP.`,
  fix: 'name the port of that protocol, or give the protocol of that port',
  cluster: shop,
  bad: `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: serve-dns }
spec:
  namespaceSelector: projectcalico.org/name == 'kube-system'
  selector: k8s-app == 'kube-dns'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: UDP, destination: { ports: [dns] } }
    - { action: Allow, protocol: TCP, destination: { ports: [dns] } }`,
  good: `
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: { name: serve-dns }
spec:
  namespaceSelector: projectcalico.org/name == 'kube-system'
  selector: k8s-app == 'kube-dns'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: UDP, destination: { ports: [dns] } }
    - { action: Allow, protocol: TCP, destination: { ports: [dns-tcp] } }`,
  *check(context) {
    if (!context.knowsPods) return
    for (const { site, name, path } of oncePerPort(ruleSites(context))) {
      const { protocol } = site.rule
      const named = destinationEndpoints(context, site).flatMap(({ ports }) =>
        ports.filter((port) => port.name === name),
      )
      if (protocol === undefined || named.length === 0 || named.some((port) => port.protocol === protocol))
        continue
      const declared = [...new Set(named.map((port) => protocolText(port.protocol)))].join(' and ')
      yield {
        object: site.linted.object,
        path,
        message: `${name} is a port of ${declared} there, and the rule is about ${protocolText(protocol)}`,
      }
    }
  },
}
