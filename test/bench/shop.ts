import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import type { Question } from '../../src/matrix/index.ts'

const spaces = ['x', 'y', 'z']
const names = ['a', 'b', 'c']
const tcpPorts = [80, 81, 82]
const udpPorts = [80, 81, 82]

export function namespaces(): KubernetesObject[] {
  return spaces.map((space) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `bench-${space}` },
  }))
}

/** Nine pods in three namespaces, each with a TCP and a UDP listener on three ports. */
export function workloads(): KubernetesObject[] {
  return spaces.flatMap((space) => names.map((name) => pod(`bench-${space}`, name)))
}

/** Pod `a` of each namespace closes its ingress from every pod named b: 54 of 486 cells. */
export function policies(): KubernetesObject[] {
  return spaces.map((space) => ({
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name: 'a-tenth', namespace: `bench-${space}` },
    spec: {
      selector: "pod == 'a'",
      types: ['Ingress'],
      ingress: [
        { action: 'Deny', source: { namespaceSelector: 'all()', selector: "pod == 'b'" } },
        { action: 'Allow' },
      ],
    },
  }))
}

/** Every ordered pair of different pods, and each pod with itself, on every port. */
export function questions(): Question[] {
  const pods = spaces.flatMap((space) => names.map((name) => `bench-${space}/${name}`))
  const ports = [
    ...tcpPorts.map((port) => ({ protocol: 'TCP' as const, port })),
    ...udpPorts.map((port) => ({ protocol: 'UDP' as const, port })),
  ]
  return pods.flatMap((from) =>
    pods.flatMap((to) => ports.map((port) => ({ from, to, ...port, expectation: null }))),
  )
}

function pod(namespace: string, name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { pod: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: tcpPorts.map((port, index) => ({
        name: `port-${port}`,
        image: 'registry.k8s.io/e2e-test-images/agnhost:2.53',
        args: ['netexec', `--http-port=${port}`, `--udp-port=${udpPorts[index]}`],
        readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
      })),
    },
  }
}
