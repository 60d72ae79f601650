import { shop } from '../example-cluster.ts'
import type { LintRule } from '../lint-rule.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'

export const icmpIsIpv4: LintRule = {
  id: 'icmp-is-ipv4',
  severity: 'info',
  title: 'ICMP by name in a cluster with IPv6',
  why: `In a Calico rule the name \`ICMP\` means IPv4. Pings over IPv6 are \`ICMPv6\` and need a rule of their own.`,
  fix: 'add a rule with protocol: ICMPv6 (an echo request is type 128 there)',
  cluster: `${shop}
---
apiVersion: v1
kind: Pod
metadata:
  name: dual
  namespace: shop
  labels: { app: dual }
spec:
  containers: [{ name: dual, image: nginx }]
status: { podIP: 192.168.1.13, podIPs: [{ ip: 192.168.1.13 }, { ip: "fd00:10:244::13" }], phase: Running }`,
  bad: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-ping, namespace: shop }
spec:
  selector: app == 'dual'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: ICMP, icmp: { type: 8 } }`,
  good: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: allow-ping, namespace: shop }
spec:
  selector: app == 'dual'
  types: [Ingress]
  ingress:
    - { action: Allow, protocol: ICMP, icmp: { type: 8 } }
    - { action: Allow, protocol: ICMPv6, icmp: { type: 128 } }`,
  *check(context) {
    for (const { linted, policy, direction, rule, path } of oncePerPath(ruleSites(context))) {
      const written = linted.admitted.spec[direction][rule.index]
      if (written.protocol !== 'ICMP') continue
      const isDual = context.endpoints.some(
        ({ addresses, labelClass }) =>
          addresses.some(({ version }) => version === 6) && policy.selects(labelClass.labels),
      )
      const others: { protocol?: unknown }[] = linted.admitted.spec[direction]
      if (!isDual || others.some(({ protocol }) => protocol === 'ICMPv6')) continue
      yield {
        object: linted.object,
        path: [...path, 'protocol'],
        message: 'ICMP means IPv4 alone, and pods that this selects have IPv6 addresses too',
      }
    }
  },
}
