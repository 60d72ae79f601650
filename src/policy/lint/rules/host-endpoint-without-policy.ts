import type { LintRule } from '../lint-rule.ts'
import { directions } from '../rule-site.ts'

export const hostEndpointWithoutPolicy: LintRule = {
  id: 'host-endpoint-without-policy',
  severity: 'error',
  title: 'A HostEndpoint that closes its node',
  why: `A host endpoint without a policy and without a profile that allows drops all that begins or ends on its node, but
for the failsafe ports: kubelet's port, node ports of host-network pods and everything else go silent the moment it is
created. A direction that no policy governs is closed like that, too. What is only forwarded to pods goes on.`,
  fix: 'give it profiles: [projectcalico-default-allow], or a GlobalNetworkPolicy that selects it for both directions',
  cluster: `
apiVersion: v1
kind: Node
metadata: { name: worker }
status: { addresses: [{ type: InternalIP, address: 172.18.0.3 }] }`,
  bad: `
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: { name: worker-eth0, labels: { host: worker } }
spec: { node: worker, interfaceName: eth0, expectedIPs: [172.18.0.3] }`,
  good: `
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: { name: worker-eth0, labels: { host: worker } }
spec:
  node: worker
  interfaceName: eth0
  expectedIPs: [172.18.0.3]
  profiles: [projectcalico-default-allow]`,
  *check({ objects, model }) {
    const hosts = new Map(model.catalog.hostInterfaces.map(({ endpoint }) => [endpoint.id, endpoint]))
    for (const object of objects) {
      const host = object.kind === 'HostEndpoint' ? hosts.get(object.metadata.name) : undefined
      if (!host || model.hosts.profile(host).allows) continue
      const closed = directions.filter(
        (direction) => model.hosts.plan(host, 'normal', direction).length === 0,
      )
      if (closed.length === 0) continue
      const what = closed.length === 2 ? 'all traffic' : `all ${closed[0]}`
      yield {
        object,
        path: ['spec'],
        message: `no policy and no profile allows anything: ${what} of node ${host.node} is dropped`,
      }
    }
  },
}
