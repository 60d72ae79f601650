import { parseAddress } from '../../../cidr.ts'
import type { Cause } from '../status-error.ts'

interface ContainerPort {
  containerPort: number
  hostPort?: number
  hostIP?: string
  protocol?: string
}

interface Container {
  ports?: ContainerPort[]
}

interface PortSpec {
  hostNetwork?: boolean
  containers?: Container[]
  initContainers?: Container[]
}

const inRange = 'must be between 1 and 65535, inclusive'

/**
 * Causes for ports of containers that no node could open, by Kubernetes 1.34 (pkg/apis/core/validation). `at` is the path
 * of the spec.
 */
export function validatePorts(spec: PortSpec, at: string): Cause[] {
  const { initContainers = [], containers = [] } = spec
  return [
    ...Object.entries({ initContainers, containers }).flatMap(([list, all]) =>
      all.flatMap(({ ports = [] }, index) =>
        ports.flatMap((port, each) => portCauses(port, `${at}.${list}[${index}].ports[${each}]`)),
      ),
    ),
    // They run one by one; a real API server blames the first, whichever it is.
    ...initContainers.flatMap((one) => conflictCauses([one], `${at}.initContainers`)),
    ...conflictCauses(containers, `${at}.containers`),
    ...(spec.hostNetwork ? sharedNetworkCauses(containers, `${at}.containers`) : []),
  ]
}

function portCauses({ containerPort, hostPort, hostIP }: ContainerPort, at: string): Cause[] {
  const causes: Cause[] = []
  if (containerPort === 0) {
    causes.push({ reason: 'FieldValueRequired', message: 'Required value', field: `${at}.containerPort` })
  } else if (!isPort(containerPort)) causes.push(invalid(containerPort, inRange, `${at}.containerPort`))
  if (hostPort && !isPort(hostPort)) causes.push(invalid(hostPort, inRange, `${at}.hostPort`))
  // A real API server looks at it no closer, and such a pod never gets a network.
  if (hostIP && !parseAddress(hostIP)) {
    const rule = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
    causes.push(invalid(JSON.stringify(hostIP), rule, `${at}.hostIP`))
  }
  return causes
}

function conflictCauses(containers: Container[], at: string): Cause[] {
  const taken = new Set<string>()
  return eachPort(containers, at).flatMap(({ port, field }) => {
    if (!port.hostPort) return []
    const key = `${port.protocol ?? 'TCP'}/${port.hostIP ?? ''}/${port.hostPort}`
    if (taken.has(key)) {
      const message = `Duplicate value: "${key}"`
      return [{ reason: 'FieldValueDuplicate', message, field: `${field}.hostPort` }]
    }
    taken.add(key)
    return []
  })
}

/** A template may leave out what its pods get by default. */
function sharedNetworkCauses(containers: Container[], at: string): Cause[] {
  return eachPort(containers, at).flatMap(({ port: { hostPort, containerPort }, field }) =>
    hostPort && hostPort !== containerPort
      ? [invalid(hostPort, 'must match `containerPort` when `hostNetwork` is true', `${field}.hostPort`)]
      : [],
  )
}

function eachPort(containers: Container[], at: string): { port: ContainerPort; field: string }[] {
  return containers.flatMap(({ ports = [] }, index) =>
    ports.map((port, each) => ({ port, field: `${at}[${index}].ports[${each}]` })),
  )
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65535
}

function invalid(value: number | string, rule: string, field: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${value}: ${rule}`, field }
}
