import type { KubernetesObject } from '../../kubernetes-object.ts'

type Body = Record<string, unknown>

/**
 * The ClusterNetworkPolicy that says what an AdminNetworkPolicy or BaselineAdminNetworkPolicy (v1alpha1) said. Peers
 * and selectors are the same in both; Allow is Accept, and ports have moved into protocols.
 */
export function toClusterNetworkPolicy({ kind, metadata, spec }: KubernetesObject): KubernetesObject {
  const isBaseline = kind === 'BaselineAdminNetworkPolicy'
  const { subject, priority, ingress, egress } = (spec ?? {}) as Body
  return {
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: { name: metadata.name },
    spec: {
      tier: isBaseline ? 'Baseline' : 'Admin',
      priority: isBaseline ? 1000 : priority,
      subject,
      ...(Array.isArray(ingress) && { ingress: ingress.filter(isBody).map(convertRule) }),
      ...(Array.isArray(egress) && { egress: egress.filter(isBody).map(convertRule) }),
    },
  }
}

function convertRule({ ports, action, ...rest }: Body): Body {
  const rule = { ...rest, action: action === 'Allow' ? 'Accept' : action }
  return Array.isArray(ports) && ports.length > 0
    ? { ...rule, protocols: ports.filter(isBody).map(convertPort) }
    : rule
}

function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null
}

interface AdminPort {
  portNumber?: { protocol?: string; port: number }
  portRange?: { protocol?: string; start: number; end: number }
  namedPort?: string
}

function convertPort({ portNumber, portRange, namedPort }: AdminPort): Body {
  if (namedPort !== undefined) return { destinationNamedPort: namedPort }
  const protocol = String(portNumber?.protocol ?? portRange?.protocol ?? 'TCP').toLowerCase()
  const destinationPort = portNumber
    ? { number: portNumber.port }
    : { range: { start: portRange?.start, end: portRange?.end } }
  return { [protocol]: { destinationPort } }
}
