import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { isSidecar } from '../../../sidecar.ts'

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

/** Those of the containers that run as long as the pod does. */
export function hostPorts({ spec }: KubernetesObject): HostPort[] {
  const sidecars = ((spec.initContainers ?? []) as Container[]).filter(isSidecar)
  return [...sidecars, ...(spec.containers as Container[])].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, ...rest }) => (hostPort ? [{ ...rest, hostPort }] : [])),
  )
}

const everyAddress = '0.0.0.0'

/** Whether two pods cannot have both on one node; of addresses only 0.0.0.0, the default, meets the others. */
export function isSamePort(a: HostPort, b: HostPort): boolean {
  const [ipA, ipB] = [a.hostIP || everyAddress, b.hostIP || everyAddress]
  return (
    a.hostPort === b.hostPort &&
    (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP') &&
    (ipA === ipB || ipA === everyAddress || ipB === everyAddress)
  )
}
