import { jsonEqual } from '../json.ts'
import type { AdmissionRequest } from '../kind.ts'

/** Addresses 10.96.0.1 to 10.111.255.254, of which the low ones are given only to those who ask for them. */
const range = { first: address('10.96.0.0'), last: address('10.111.255.255'), reserved: 256 }

/** Defaults, validates and gives an address. */
export function admitService(request: AdmissionRequest): void {
  if (request.subresource) return
  defaultService(request)
  validateService(request)
  if (request.object.spec.type === 'ExternalName') return
  allocateClusterIp(request)
  allocateNodePorts(request)
}

function defaultService({ object }: AdmissionRequest): void {
  const { spec } = object
  object.status ??= { loadBalancer: {} }
  if (spec.type === 'ExternalName') return
  spec.ipFamilies ??= ['IPv4']
  spec.ipFamilyPolicy ??= 'SingleStack'
}

function validateService({ object: { spec }, old, causes }: AdmissionRequest): void {
  const wrong = (field: string, message: string, reason = 'FieldValueInvalid') =>
    causes.push({ reason, message, field: `spec.${field}` })
  const only = (field: string, supported: unknown, value: unknown) => {
    if (jsonEqual(supported, value)) return
    const message = `Unsupported value: ${JSON.stringify(value)}: this miniature cluster supports ${JSON.stringify(supported)}`
    wrong(field, message, 'FieldValueNotSupported')
  }
  if (spec.type === 'ExternalName') {
    if (!spec.externalName) wrong('externalName', 'Required value', 'FieldValueRequired')
    return
  }
  only('ipFamilies', ['IPv4'], spec.ipFamilies)
  if (!spec.ports?.length && spec.clusterIP !== 'None') wrong('ports', 'Required value', 'FieldValueRequired')
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!(port.port >= 1 && port.port <= 65535)) {
      wrong(`ports[${index}].port`, `Invalid value: ${port.port}: must be between 1 and 65535, inclusive`)
    }
    if (spec.ports.length > 1 && !port.name)
      wrong(`ports[${index}].name`, 'Required value', 'FieldValueRequired')
  }
  if (old && spec.clusterIP && spec.clusterIP !== old.spec.clusterIP) {
    wrong('clusterIP', `Invalid value: "${spec.clusterIP}": field is immutable`)
  }
}

function allocateClusterIp({ object, old, list, causes }: AdmissionRequest): void {
  const { spec } = object
  if (old) spec.clusterIP ??= old.spec.clusterIP
  const others = list('api/v1/services').filter(({ metadata }) => metadata.uid !== old?.metadata.uid)
  const taken = new Set(others.map((other) => other.spec.clusterIP))
  if (!spec.clusterIP) spec.clusterIP = firstFree(taken)
  else if (spec.clusterIP !== 'None' && (taken.has(spec.clusterIP) || !inRange(spec.clusterIP))) {
    const why = taken.has(spec.clusterIP)
      ? 'provided IP is already allocated'
      : 'not in the valid range 10.96.0.0/12'
    const message = `Invalid value: "${spec.clusterIP}": ${why}`
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.clusterIPs' })
  }
  spec.clusterIPs = [spec.clusterIP]
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
  for (const [index, port] of ((spec.ports ?? []) as Port[]).entries()) {
    const { protocol = 'TCP' } = port
    const before = (old?.spec.ports as Port[] | undefined)?.find(
      (each) => each.port === port.port && (each.protocol ?? 'TCP') === protocol,
    )
    port.nodePort ??= before?.nodePort ?? freeNodePort(protocol, taken)
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
}

function freeNodePort(protocol: string, taken: Set<string>): number {
  for (let port = nodePorts.first; port <= nodePorts.last; port += 1)
    if (!taken.has(`${protocol}/${port}`)) return port
  return nodePorts.first
}

function firstFree(taken: Set<string>): string {
  for (let number = range.first + range.reserved; number < range.last; number += 1) {
    const candidate = text(number)
    if (!taken.has(candidate)) return candidate
  }
  return 'None'
}

function inRange(value: string): boolean {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(value)) return false
  const number = address(value)
  return number > range.first && number < range.last
}

function address(value: string): number {
  return value.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function text(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
}
