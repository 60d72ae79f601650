import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { podsOfService, type ServicePort, targetPortOf } from '../../complete/index.ts'
import { protocolNumber } from '../../protocol.ts'
import type { PortRange } from '../../rules.ts'
import { shop } from '../example-cluster.ts'
import type { LintContext } from '../lint-context.ts'
import type { LintRule } from '../lint-rule.ts'
import { destinationEndpoints } from '../named-ports.ts'
import { oncePerPath, ruleSites } from '../rule-site.ts'

export const servicePortRule: LintRule = {
  id: 'service-port',
  severity: 'error',
  title: "A Service's port where the pod's port is needed",
  why: `Policies see a packet after the Service's address and port were replaced by a pod's. A client calls port 80 of the
Service, and what the policies on both sides see is port 8080 of a pod.`,
  fix: "write the Service's targetPort",
  cluster: `${shop}
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: shop }
spec:
  selector: { app: api }
  ports: [{ port: 80, targetPort: 8080 }]`,
  bad: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: web } } }]
      ports: [{ protocol: TCP, port: 80 }]`,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: protect-api, namespace: shop }
spec:
  podSelector: { matchLabels: { app: api } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: web } } }]
      ports: [{ protocol: TCP, port: 8080 }]`,
  *check(context) {
    const mapped = context.ofKind('Service').flatMap((service) => mappedPorts(context, service))
    for (const site of oncePerPath(ruleSites(context))) {
      const { rule, linted, path } = site
      const { ports } = rule.destination
      if (rule.action !== 'allow') continue
      const ids = new Set(destinationEndpoints(context, site).map(({ id }) => id))
      const wrong = mapped.find(
        ({ pod, protocol, port, target }) =>
          ids.has(pod) && rule.protocol === protocol && includes(ports, port) && !includes(ports, target),
      )
      if (!wrong) continue
      yield {
        object: linted.object,
        path,
        message: `port ${wrong.port} is Service ${wrong.service}'s; at its pods it is ${wrong.target}, which the rule does not allow`,
        fix: `write port ${wrong.target}`,
      }
    }
  },
}

interface MappedPort {
  service: string
  pod: string
  protocol: number
  port: number
  target: number
}

/** Ports of a Service that are another number at its pods, and that no pod has itself. */
function mappedPorts({ cluster }: LintContext, service: KubernetesObject): MappedPort[] {
  const pods = podsOfService(
    service,
    cluster.objects.filter(({ kind }) => kind === 'Pod'),
  )
  return ((service.spec?.ports ?? []) as ServicePort[]).flatMap((servicePort) =>
    pods.flatMap((pod) => {
      const { port, protocol = 'TCP' } = servicePort
      const target = targetPortOf(servicePort, pod)
      if (target === undefined || target === port) return []
      const id = `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`
      return [{ service: service.metadata.name, pod: id, protocol: protocolNumber(protocol), port, target }]
    }),
  )
}

function includes(ports: PortRange[], port: number): boolean {
  return ports.some(({ first, last }) => first <= port && port <= last)
}
