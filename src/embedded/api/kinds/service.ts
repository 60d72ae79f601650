import type { AdmissionRequest } from '../kind.ts'
import { allocateAddresses } from './service-addresses.ts'
import { decideFamilies } from './service-families.ts'

/** Three hours, for a Service whose clients stay with an endpoint and that says nothing else. */
const affinitySeconds = 10_800

/** Defaults, validates and gives addresses. */
export function admitService(request: AdmissionRequest): void {
  if (request.subresource) return
  defaultService(request)
  validateService(request)
  if (request.object.spec.type === 'ExternalName') return
  if (decideFamilies(request)) allocateAddresses(request)
  allocateNodePorts(request)
}

function defaultService({ object }: AdmissionRequest): void {
  const { spec } = object
  object.status ??= { loadBalancer: {} }
  if (spec.sessionAffinity === 'ClientIP')
    spec.sessionAffinityConfig ??= { clientIP: { timeoutSeconds: affinitySeconds } }
  else delete spec.sessionAffinityConfig
  // A target that is zero or empty is none: the port itself.
  for (const port of spec.ports ?? []) port.targetPort ||= port.port
}

function validateService({ object: { spec }, old, causes }: AdmissionRequest): void {
  const wrong = (field: string, message: string, reason = 'FieldValueInvalid') =>
    causes.push({ reason, message, field: `spec.${field}` })
  if (spec.type === 'ExternalName') {
    if (!spec.externalName) wrong('externalName', 'Required value', 'FieldValueRequired')
    for (const field of ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
      const isEmpty = spec[field] === undefined || spec[field].length === 0
      if (!isEmpty && !old)
        wrong(field, 'Forbidden: may not be set for ExternalName services', 'FieldValueForbidden')
      if (!isEmpty && old) delete spec[field]
    }
    return
  }
  if (!spec.ports?.length && spec.clusterIP !== 'None') wrong('ports', 'Required value', 'FieldValueRequired')
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!(port.port >= 1 && port.port <= 65535)) {
      wrong(`ports[${index}].port`, `Invalid value: ${port.port}: must be between 1 and 65535, inclusive`)
    }
    if (spec.ports.length > 1 && !port.name)
      wrong(`ports[${index}].name`, 'Required value', 'FieldValueRequired')
  }
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (seconds !== undefined && !(seconds > 0 && seconds <= 86_400)) {
    const message = `Invalid value: ${seconds}: must be greater than 0 and less than 86400`
    wrong('sessionAffinityConfig.clientIP.timeoutSeconds', message)
  }
  const before = old && old.spec.type !== 'ExternalName' ? old.spec : {}
  const address = spec.clusterIP ?? before.clusterIP
  if (before.clusterIP && address !== before.clusterIP) {
    const message = `Invalid value: ${JSON.stringify([address])}: may not change once set`
    wrong('clusterIPs[0]', message)
  }
}

/** Ports of every node that a Service may be given, and may ask for. */
const nodePorts = { first: 30_000, last: 32_767 }

interface Port {
  port: number
  protocol?: string
  nodePort?: number
}

/** One of every node's ports for each port of a Service that has them; those of before are kept. */
function allocateNodePorts({ object: { spec, metadata }, old, list, causes }: AdmissionRequest): void {
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') {
    for (const port of spec.ports ?? []) delete port.nodePort
    return
  }
  const others = list('api/v1/services').filter((each) => each.metadata.uid !== metadata.uid)
  const key = ({ protocol = 'TCP', nodePort }: Port) => `${protocol}/${nodePort}`
  const taken = new Set(others.flatMap(({ spec: { ports = [] } }) => ports.map(key)))
  const ports: Port[] = spec.ports ?? []
  const asked = new Set(ports.map(key))
  for (const port of ports) {
    const before = (old?.spec.ports as Port[] | undefined)?.find(
      (each) => each.port === port.port && (each.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    )
    if (before?.nodePort && !asked.has(key(before))) port.nodePort ||= before.nodePort
  }
  // Those that are known first: none of the others is given one of them.
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort) continue
    const isOutside = port.nodePort < nodePorts.first || port.nodePort > nodePorts.last
    if (isOutside || taken.has(key(port))) {
      const why = isOutside
        ? 'provided port is not in the valid range. The range of valid ports is 30000-32767'
        : 'provided port is already allocated'
      const message = `Invalid value: ${port.nodePort}: ${why}`
      causes.push({ reason: 'FieldValueInvalid', message, field: `spec.ports[${index}].nodePort` })
    }
    taken.add(key(port))
  }
  for (const port of ports) {
    port.nodePort ||= freeNodePort(port.protocol ?? 'TCP', taken)
    taken.add(key(port))
  }
}

function freeNodePort(protocol: string, taken: Set<string>): number {
  for (let port = nodePorts.first; port <= nodePorts.last; port += 1)
    if (!taken.has(`${protocol}/${port}`)) return port
  return nodePorts.first
}
