import type { Flow } from '../policy/index.ts'
import type { ClusterView } from './cluster-view.ts'
import type { Edge } from './edge.ts'
import { findTarget, onlyPodAt } from './targets.ts'

/** One of the flows that an edge may become, and who answers it: a pod, or an address. */
export interface EdgeFlow {
  endpoint: string
  flow: Flow
}

/**
 * What an edge to a Service or a node becomes once it is translated: a flow for each endpoint that may be picked. A text
 * says why there is none.
 */
export function flowsOf(view: ClusterView, edge: Edge): EdgeFlow[] | string {
  const target = findTarget(view, edge, view.pod(edge.from))
  if (typeof target === 'string') return target
  const { service, listeners, nodePort, host } = target
  if (service && listeners.length === 0)
    return nodePort || service.hasPort(edge.protocol, edge.port)
      ? `Service ${service.namespace}/${service.name} has no ready endpoint: whoever dials it is refused`
      : `Service ${service.namespace}/${service.name} has no port ${edge.protocol}/${edge.port}`
  const endpoints = target.known ? listeners : [{ address: host, port: edge.port, pod: null }]
  return endpoints.map(({ address, port, pod }) => ({
    endpoint: pod ?? onlyPodAt(view, address)?.ref ?? address,
    flow: {
      source: edge.from,
      destination: pod ?? address,
      protocol: edge.protocol,
      port,
      viaService: service !== null,
      ...(nodePort && { nodePort }),
    },
  }))
}
