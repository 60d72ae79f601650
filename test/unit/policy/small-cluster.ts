import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import {
  buildModel,
  evaluate,
  type Flow,
  type FlowVerdict,
  type ModelOptions,
} from '../../../src/policy/index.ts'

type Body = Record<string, unknown>

/**
 * Namespaces x (team=a) and y (team=b); pods x/a and x/b on node n1, y/c on n2; host-network pods x/h (n1) and x/h2
 * (n2). Every pod's labels are app=<name>; x/a and x/b also have role=web and role=db.
 */
export const addresses = {
  'x/a': '10.0.1.1',
  'x/b': '10.0.1.2',
  'y/c': '10.0.2.1',
  n1: '172.18.0.2',
  n2: '172.18.0.3',
  outside: '203.0.113.7',
}

export function smallCluster(): KubernetesObject[] {
  return [
    make('v1', 'Namespace', { name: 'x', labels: { team: 'a' } }),
    make('v1', 'Namespace', { name: 'y', labels: { team: 'b' } }),
    make('v1', 'ServiceAccount', { name: 'sa1', namespace: 'x', labels: { trust: 'high' } }),
    node('n1', addresses.n1, '10.0.1.0'),
    node('n2', addresses.n2, '10.0.2.0'),
    pod('x/a', 'n1', {
      role: 'web',
      ports: [port('http', 80), port('dns', 53, 'UDP')],
      serviceAccount: 'sa1',
    }),
    pod('x/b', 'n1', { role: 'db', ports: [port('http', 8080)] }),
    pod('y/c', 'n2', { ports: [port('http', 80)] }),
    pod('x/h', 'n1', { hostNetwork: true }),
    pod('x/h2', 'n2', { hostNetwork: true }),
  ]
}

export function make(
  apiVersion: string,
  kind: string,
  metadata: KubernetesObject['metadata'],
  body: Body = {},
) {
  return { apiVersion, kind, metadata, ...body } as KubernetesObject
}

export interface PodOptions {
  role?: string
  labels?: Record<string, string>
  ports?: Body[]
  serviceAccount?: string
  hostNetwork?: boolean
  address?: string
  phase?: string
}

export function pod(id: string, nodeName: string, options: PodOptions = {}): KubernetesObject {
  const [namespace, name] = id.split('/') as [string, string]
  const { role, labels, ports = [], serviceAccount, hostNetwork, phase = 'Running' } = options
  const podIP =
    options.address ?? (hostNetwork ? addresses[nodeName as 'n1'] : (addresses as Record<string, string>)[id])
  const metadata = { namespace, name, labels: labels ?? { app: name, ...(role ? { role } : {}) } }
  const spec = {
    nodeName,
    serviceAccountName: serviceAccount,
    hostNetwork,
    containers: [{ name: 'main', ports }],
  }
  return make('v1', 'Pod', metadata, { spec, status: { podIP, phase } })
}

export function port(name: string, containerPort: number, protocol = 'TCP'): Body {
  return { name, containerPort, protocol }
}

/** A Kubernetes NetworkPolicy in x for x/a unless the spec says otherwise. */
export function knp(spec: Body, name = 'k', namespace = 'x'): KubernetesObject {
  const subject = { podSelector: { matchLabels: { app: 'a' } } }
  return make('networking.k8s.io/v1', 'NetworkPolicy', { name, namespace }, { spec: { ...subject, ...spec } })
}

/** A Calico NetworkPolicy in x. */
export function np(spec: Body, name = 'n', namespace = 'x'): KubernetesObject {
  return make('projectcalico.org/v3', 'NetworkPolicy', { name, namespace }, { spec })
}

export function gnp(spec: Body, name = 'g'): KubernetesObject {
  return make('projectcalico.org/v3', 'GlobalNetworkPolicy', { name }, { spec })
}

export function tier(name: string, spec: Body = {}): KubernetesObject {
  return make('projectcalico.org/v3', 'Tier', { name }, { spec })
}

/** A ClusterNetworkPolicy whose subject is the pods of x. */
export function cnp(spec: Body, name = 'c'): KubernetesObject {
  const fixed = { tier: 'Admin', priority: 10, subject: { namespaces: inNamespace('x') } }
  return make(
    'policy.networking.k8s.io/v1alpha2',
    'ClusterNetworkPolicy',
    { name },
    { spec: { ...fixed, ...spec } },
  )
}

export function calico(kind: string, metadata: KubernetesObject['metadata'], spec: Body): KubernetesObject {
  return make('projectcalico.org/v3', kind, metadata, { spec })
}

export function inNamespace(name: string) {
  return { matchLabels: { 'kubernetes.io/metadata.name': name } }
}

/** The endpoints of a Service, as a slice. */
export function slice(service: string, address: string, ports: Body[] = [{ port: 80 }]): KubernetesObject {
  const [namespace, name] = service.split('/') as [string, string]
  const labels = { 'kubernetes.io/service-name': name }
  const metadata = { namespace, name: `${name}-1`, labels }
  return make('discovery.k8s.io/v1', 'EndpointSlice', metadata, {
    endpoints: [{ addresses: [address] }],
    ports,
  })
}

/** `x/a -> y/c TCP/80`, `x/a -> x/a TCP/80 via service`, `x/a -> y/c TCP/80 via n1:30080`, `x/a -> x/b ICMP/8`. */
export function flow(text: string): Flow {
  const [, source, destination, protocol, number, way] =
    /^(\S+) -> (\S+) (\w+)(?:\/(\d+))?(?: via (\S+))?$/.exec(text) ?? []
  const named = /^\d+$/.test(protocol!) ? Number(protocol) : (protocol as Flow['protocol'])
  const ends = { source: spot(source!), destination: spot(destination!), protocol: named }
  if (protocol!.startsWith('ICMP'))
    return { ...ends, port: 0, icmp: number ? { type: Number(number), code: 0 } : undefined }
  const [node, nodePort] = way?.split(':') ?? []
  const via = nodePort
    ? { nodePort: { node: node!, port: Number(nodePort) } }
    : { viaService: way !== undefined }
  return { ...ends, port: Number(number ?? 0), ...via }
}

export function ask(policies: KubernetesObject[], text: string, options: ModelOptions = {}): FlowVerdict {
  return evaluate(buildModel([...smallCluster(), ...policies], options), flow(text))
}

function spot(text: string): string {
  return text.includes('/') ? text : ((addresses as Record<string, string>)[text] ?? text)
}

function node(name: string, address: string, tunnel: string): KubernetesObject {
  const annotations = { 'projectcalico.org/IPv4VXLANTunnelAddr': tunnel }
  const status = { addresses: [{ type: 'InternalIP', address }] }
  return make('v1', 'Node', { name, annotations }, { status })
}
