import type { ExecOutcome, ExecRequest, KubeClient } from '../../../src/kube/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import type { Probe } from '../../../src/matrix/plan.ts'
import type { Outcome } from '../../../src/matrix/prober.ts'

/**
 * shop/client and shop/web (80) with Service shop/web, which is 30080 on every node; kube-system/dns-1 (53) behind
 * kube-dns, which cannot exec.
 */
export const sampleObjects: KubernetesObject[] = [
  namespace('shop'),
  namespace('kube-system'),
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1' },
    status: { addresses: [{ type: 'InternalIP', address: '172.18.0.2' }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-2' },
    status: { addresses: [{ type: 'InternalIP', address: '172.18.0.3' }] },
  },
  pod('shop/client', { ip: '192.168.0.1', labels: { app: 'client' } }),
  pod('shop/web', { ip: '192.168.0.2', labels: { app: 'web' } }),
  pod('kube-system/dns-1', { ip: '192.168.0.9', labels: { 'k8s-app': 'kube-dns' }, image: 'coredns' }),
  ...service('shop/web', {
    ip: '10.96.0.2',
    port: 80,
    nodePort: 30080,
    endpoints: [['shop/web', '192.168.0.2', 80]],
  }),
  ...service('shop/empty', { ip: '10.96.0.3', port: 80, nodePort: 30081, endpoints: [] }),
  ...service('kube-system/kube-dns', {
    ip: '10.96.0.10',
    port: 53,
    protocol: 'UDP',
    endpoints: [['kube-system/dns-1', '192.168.0.9', 53]],
  }),
]

export function namespace(name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
  }
}

export function pod(
  ref: string,
  {
    ip,
    labels = {},
    image = 'agnhost',
  }: { ip: string | null; labels?: Record<string, string>; image?: string },
): KubernetesObject {
  const [namespace, name] = ref.split('/')
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: name!, namespace: namespace!, labels },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image }] },
    status: ip ? { phase: 'Running', podIP: ip, podIPs: [{ ip }] } : { phase: 'Pending' },
  }
}

export function service(
  ref: string,
  {
    ip,
    port,
    protocol = 'TCP',
    nodePort,
    local = false,
    endpoints,
  }: {
    ip: string
    port: number
    protocol?: string
    nodePort?: number
    /** `externalTrafficPolicy: Local` */
    local?: boolean
    endpoints: [pod: string, address: string, port: number][]
  },
): KubernetesObject[] {
  const [namespace, name] = ref.split('/') as [string, string]
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: {
        clusterIP: ip,
        ports: [{ port, protocol, nodePort }],
        ...(local && { externalTrafficPolicy: 'Local' }),
      },
    },
    ...endpoints.map(([pod, address, target], index) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-${index}`, namespace, labels: { 'kubernetes.io/service-name': name } },
      ports: [{ name: '', port: target, protocol }],
      endpoints: [
        {
          addresses: [address],
          conditions: { ready: true },
          nodeName: 'node-1',
          targetRef: { kind: 'Pod', namespace: pod.split('/')[0]!, name: pod.split('/')[1]! },
        },
      ],
    })),
  ]
}

/** What the network does with a probe of a pod (`namespace/pod`); round counts that pod's execs from 1. */
export type Network = (pod: string, probe: Probe, round: number) => Outcome | [Outcome, string] | null

/** A KubeClient that answers from objects, and execs of the probe script from a network. */
export function fakeKube(objects: KubernetesObject[], network: Network) {
  const execs: ExecRequest[] = []
  const kube = {
    execs,
    list: async (apiVersion: string, kind: string) =>
      objects.filter((object) => object.apiVersion === apiVersion && object.kind === kind),
    async exec(request: ExecRequest): Promise<ExecOutcome> {
      execs.push(request)
      const ref = `${request.namespace}/${request.pod}`
      const round = execs.filter(({ namespace, pod }) => `${namespace}/${pod}` === ref).length
      const lines = request
        .stdin!.trim()
        .split('\n')
        .flatMap((line) => {
          const [id, phase, kind, host, port, timeoutMs] = line.split('\t') as [string, ...string[]]
          const probe = {
            id,
            phase: Number(phase),
            kind,
            host,
            port: Number(port),
            timeoutMs: Number(timeoutMs),
          } as Probe
          const answer = network(ref, probe, round)
          if (!answer) return []
          const [outcome, detail] = typeof answer === 'string' ? [answer, ''] : answer
          return [`${id}\t${outcome}\t3\t${detail}`]
        })
      return { code: 0, stdout: `${lines.join('\n')}\n`, stderr: '' }
    },
  }
  return kube as typeof kube & KubeClient
}
