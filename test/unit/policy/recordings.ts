import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import type { Flow } from '../../../src/policy/index.ts'

/** A recorded file: one small cluster, several policy sets, and what real Calico then let pass. */
export interface Recording {
  pods: RecordedPod[]
  services?: Record<string, string>
  namespaces: Record<string, Record<string, string>>
  scenarios: Scenario[]
}

export interface Scenario {
  id: string
  policies: KubernetesObject[]
  /** By source pod, then by `destination|PROTOCOL/port`. */
  cells: Record<string, Record<string, 'allowed' | 'dropped'>>
}

interface RecordedPod {
  namespace: string
  name: string
  labels: Record<string, string>
  ip: string
  node: string
  serviceAccount: string
  hostNetwork?: boolean
}

const folder = join(import.meta.dirname, '../../fixtures/policy/recordings')

export function readRecording(file: string): Recording {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'))
}

/** The cluster that the file's `about` describes, as API objects. */
export function clusterOf(recording: Recording): KubernetesObject[] {
  const { pods, namespaces, services } = recording
  const rich = services !== undefined
  return [
    ...Object.entries(namespaces).map(([name, labels]) => object('v1 Namespace', { name, labels })),
    ...Object.keys(namespaces).flatMap((namespace) =>
      ['front', 'back'].map((name) => object('v1 ServiceAccount', { name, namespace, labels: { sa: name } })),
    ),
    ...pods.map((pod) => podObject(pod, rich)),
    ...Object.keys(services ?? {}).map((service) => endpointSlice(service, pods)),
  ]
}

/** A recorded cell as a flow: a Service stands for its pod a, port 80. */
export function flowOf(from: string, cell: string): Flow {
  const [to, protocol, port] = cell.split(/[|/](?=[^/|]*(?:\/\d+)?$)/) as [string, 'TCP' | 'UDP', string]
  const service = /^svc\/([^/]+)\/svc-a$/.exec(to)
  if (service)
    return { source: from, destination: `${service[1]}/a`, protocol: 'TCP', port: 80, viaService: true }
  return { source: from, destination: to, protocol, port: Number(port) }
}

function podObject(pod: RecordedPod, rich: boolean): KubernetesObject {
  const { namespace, name, labels, ip, node, serviceAccount, hostNetwork } = pod
  const numbers = rich && namespace === 'z' ? { 80: 81, 81: 80 } : { 80: 80, 81: 81 }
  const ports = [
    { name: 'serve-80-tcp', containerPort: numbers[80], protocol: 'TCP' },
    { name: 'serve-81-tcp', containerPort: numbers[81], protocol: 'TCP' },
    { name: 'serve-80-udp', containerPort: 80, protocol: 'UDP' },
    { name: 'serve-81-udp', containerPort: 81, protocol: 'UDP' },
  ]
  return object(
    'v1 Pod',
    { namespace, name, labels },
    {
      spec: {
        nodeName: node,
        serviceAccountName: serviceAccount,
        hostNetwork,
        containers: [{ name: 'serve', ports: hostNetwork ? [] : ports }],
      },
      status: { podIP: ip },
    },
  )
}

function endpointSlice(service: string, pods: RecordedPod[]): KubernetesObject {
  const [, namespace] = service.split('/')
  const pod = pods.find((one) => one.namespace === namespace && one.name === 'a')!
  const labels = { 'kubernetes.io/service-name': 'svc-a' }
  return object(
    'discovery.k8s.io/v1 EndpointSlice',
    { namespace, name: 'svc-a-1', labels },
    { endpoints: [{ addresses: [pod.ip] }], ports: [{ protocol: 'TCP', port: 80 }] },
  )
}

function object(
  type: string,
  metadata: KubernetesObject['metadata'],
  body: Record<string, unknown> = {},
): KubernetesObject {
  const [apiVersion, kind] = type.split(' ') as [string, string]
  return { apiVersion, kind, metadata, ...body }
}
