import type { KubernetesObject } from '../kubernetes-object.ts'
import { isSidecar } from '../sidecar.ts'

/** A port of its node that a pod wants for itself. */
interface HostPort {
  hostPort: number
  /** On one address of the node alone. */
  hostIP?: string
  protocol?: string
}

interface Container {
  ports?: (Omit<HostPort, 'hostPort'> & { hostPort?: number })[]
  restartPolicy?: string
}

/** What scheduler and kubelet say of a node where another pod has such a port. */
export const noFreePorts = "node(s) didn't have free ports for the requested pod ports"

/** Whether others leave a pod the ports of a node that it asks for. */
export function hasFreePorts(pod: KubernetesObject, others: KubernetesObject[]): boolean {
  const wanted = hostPorts(pod)
  if (wanted.length === 0) return true
  const taken = others.flatMap(hostPorts)
  return !wanted.some((port) => taken.some((other) => isSamePort(port, other)))
}

/** Those of the containers that run as long as the pod does. */
function hostPorts({ spec }: KubernetesObject): HostPort[] {
  const sidecars = ((spec.initContainers ?? []) as Container[]).filter(isSidecar)
  return [...sidecars, ...(spec.containers as Container[])].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, ...rest }) => (hostPort ? [{ ...rest, hostPort }] : [])),
  )
}

const everyAddress = '0.0.0.0'

/** Whether two pods cannot have both on one node; of addresses only 0.0.0.0, the default, meets the others. */
function isSamePort(a: HostPort, b: HostPort): boolean {
  const [ipA, ipB] = [a.hostIP || everyAddress, b.hostIP || everyAddress]
  return (
    a.hostPort === b.hostPort &&
    (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP') &&
    (ipA === ipB || ipA === everyAddress || ipB === everyAddress)
  )
}
