import type { KubernetesObject } from '../../src/kubernetes-object.ts'

const agnhost = 'registry.k8s.io/e2e-test-images/agnhost:2.53'

/** Two namespaces: a web server with two listeners, its client and a database; and a monitor next door. */
export function workloads(nodes: string[]): KubernetesObject[] {
  const [first = '', last = ''] = [nodes[0], nodes.at(-1)]
  return [
    namespace('shop', { team: 'shop' }),
    namespace('ops', { team: 'ops' }),
    pod('shop/web', { node: first, labels: { app: 'web', tier: 'front' }, ports: [80, 81] }),
    pod('shop/client', { node: last, labels: { app: 'client', tier: 'front' }, ports: [80] }),
    pod('shop/db', { node: last, labels: { app: 'db', tier: 'back' }, ports: [80] }),
    pod('ops/monitor', { node: first, labels: { app: 'monitor' }, ports: [80] }),
    noShell('shop/noshell', first),
    service('shop/web', { selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 80 }] }),
    service('shop/headless', { clusterIP: 'None', selector: { app: 'db' }, ports: [{ port: 80 }] }),
    service('shop/hollow', { selector: { app: 'nobody' }, ports: [{ port: 80 }] }),
  ]
}

/** Between which the policies of the suite are tried. */
export const pods = ['shop/web', 'shop/client', 'shop/db', 'ops/monitor']

function namespace(name: string, labels: Record<string, string>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

function pod(
  ref: string,
  { node, labels, ports }: { node: string; labels: Record<string, string>; ports: number[] },
): KubernetesObject {
  const containers = ports.map((port, index) => ({
    name: `main${index > 0 ? index + 1 : ''}`,
    image: agnhost,
    args: ['netexec', `--http-port=${port}`, `--udp-port=${port}`],
    ports: [{ name: `http${index > 0 ? index + 1 : ''}`, containerPort: port }],
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
  }))
  return { ...podBase(ref, labels), spec: { nodeName: node, terminationGracePeriodSeconds: 0, containers } }
}

/** A port of a container, and perhaps one of its node that leads there. */
export interface ContainerPort {
  containerPort: number
  hostPort?: number
  hostIP?: string
  protocol?: string
}

/** A pod that answers on port 80. Server-side apply allows one port once in a container: further ones are others'. */
export function podWithPorts(
  ref: string,
  { node, labels, ports }: { node: string; labels: Record<string, string>; ports: ContainerPort[][] },
): KubernetesObject {
  const server = {
    args: ['netexec', '--http-port=80', '--udp-port=80'],
    readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1 },
  }
  const containers = ports.map((own, index) => ({
    name: `main${index > 0 ? index + 1 : ''}`,
    image: agnhost,
    ...(index > 0 ? { args: ['pause'] } : server),
    ports: own,
  }))
  return { ...podBase(ref, labels), spec: { nodeName: node, terminationGracePeriodSeconds: 0, containers } }
}

/** Runs, but hides the folder of its shell: nothing can be executed in it. */
function noShell(ref: string, node: string): KubernetesObject {
  const volumeMounts = [{ name: 'empty', mountPath: '/bin' }]
  return {
    ...podBase(ref, { app: 'noshell' }),
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'main', image: agnhost, args: ['pause'], volumeMounts }],
      volumes: [{ name: 'empty', emptyDir: {} }],
    },
  }
}

function podBase(ref: string, labels: Record<string, string>): KubernetesObject {
  const [namespace, name = ''] = ref.split('/')
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels } }
}

export function service(ref: string, spec: object): KubernetesObject {
  const [namespace, name = ''] = ref.split('/')
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec }
}
