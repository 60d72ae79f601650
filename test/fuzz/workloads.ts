import type { IpVersion } from '../../src/cidr.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { namespaces } from '../support/random-policies/random-cluster.ts'

/** What every pod listens on, by TCP and by UDP. (53 would be asked DNS questions.) */
export const listeningPorts = [80, 81, 443]

/** Ports of the Services `svc`. */
export const servicePorts = { TCP: 8000, UDP: 8001 } as const

/** A random object as one that can run: its own status is left out, its pod serves and probes. */
export function runnable({ status, ...object }: KubernetesObject, nodes: string[]): KubernetesObject {
  if (object.kind !== 'Pod') return object
  const { spec, metadata } = object
  // Two pods of one node, for blocks that hold both.
  const node = ['p0', 'p3'].includes(metadata.name) ? 0 : spec.nodeName === 'n1' ? 0 : 1
  const [container] = spec.containers as { ports?: Port[] }[]
  return {
    ...object,
    spec: {
      ...spec,
      nodeName: nodes[node],
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
          command: ['sh', '-c', `${serving}\nwait`],
          ports: spec.hostNetwork ? [] : distinct(container?.ports ?? []),
          readinessProbe: { tcpSocket: { port: listeningPorts.at(-1)! }, periodSeconds: 1 },
        },
      ],
    },
  }
}

interface Port {
  containerPort: number
  protocol: string
}

/** The API server takes one name for each port and protocol. */
function distinct(ports: Port[]): Port[] {
  const keyOf = ({ containerPort, protocol }: Port) => `${containerPort}/${protocol}`
  return [...new Map(ports.map((port) => [keyOf(port), port])).values()]
}

/** One after the other: where the last listens, which the pod's readiness tells, all do. */
const serving = listeningPorts
  .map(
    (port) =>
      `/agnhost netexec --http-port=${port} --udp-port=${port} >/dev/null 2>&1 &
      until /agnhost connect 127.0.0.1:${port} --timeout=1s 2>/dev/null; do sleep 0.05; done`,
  )
  .join('\n')

/** Services whose endpoints somebody else writes; every node has a port for each of their ports. */
export function serviceObjects(): KubernetesObject[] {
  return namespaces.map((namespace) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'svc', namespace },
    spec: {
      type: 'NodePort',
      ipFamilyPolicy: 'PreferDualStack',
      ports: Object.entries(servicePorts).map(([protocol, port]) => ({
        name: protocol.toLowerCase(),
        protocol,
        port,
      })),
    },
  }))
}

/** An EndpointSlice of the random cluster as the API takes it, in each of these families, leading to where somebody listens. */
export function runnableSlices(slice: KubernetesObject, families: IpVersion[]): KubernetesObject[] {
  const { metadata } = slice
  const six = slice.endpoints.map((endpoint: { addresses: string[] }) => ({
    ...endpoint,
    addresses: endpoint.addresses.map((address) => `fd00::${address.split('.').at(-1)}`),
  }))
  const slices = [
    runnableSlice({ ...slice, addressType: 'IPv4' }),
    runnableSlice({
      ...slice,
      metadata: { ...metadata, name: `${metadata.name}-six` },
      addressType: 'IPv6',
      endpoints: six,
    }),
  ]
  return slices.slice(0, families.length)
}

function runnableSlice(slice: KubernetesObject): KubernetesObject {
  const [{ protocol, port }] = slice.ports
  return {
    ...slice,
    endpoints: slice.endpoints.map((endpoint: object) => ({ ...endpoint, conditions: { ready: true } })),
    ports: [{ name: protocol.toLowerCase(), protocol, port: listeningPorts.includes(port) ? port : 80 }],
  }
}
