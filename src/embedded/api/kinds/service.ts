import { selectorText } from '../columns.ts'
import { jsonEqual } from '../json.ts'
import type { AdmissionRequest, Kind } from '../kind.ts'
import { conditionsSchema, stringMap } from './metadata.ts'

/** Addresses 10.96.0.1 to 10.111.255.254, of which the low ones are given only to those who ask for them. */
const range = { first: address('10.96.0.0'), last: address('10.111.255.255'), reserved: 256 }

export const service: Kind = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  required: ['spec'],
  nameRule: 'label',
  subresources: ['status'],
  schema: {
    spec: {
      fields: {
        type: 'string',
        selector: stringMap,
        clusterIP: 'string',
        clusterIPs: { list: 'string' },
        ipFamilies: { list: 'string' },
        ipFamilyPolicy: 'string',
        internalTrafficPolicy: 'string',
        sessionAffinity: 'string',
        publishNotReadyAddresses: 'boolean',
        ports: {
          list: {
            fields: {
              name: 'string',
              protocol: 'string',
              port: 'integer',
              targetPort: 'intOrString',
              appProtocol: 'string',
            },
            required: ['port'],
            unsupported: ['nodePort'],
          },
          mergeKey: 'port',
          keys: ['port', 'protocol'],
          keyDefaults: { protocol: 'TCP' },
        },
      },
      unsupported: [
        'allocateLoadBalancerNodePorts',
        'externalIPs',
        'externalName',
        'externalTrafficPolicy',
        'healthCheckNodePort',
        'loadBalancerClass',
        'loadBalancerIP',
        'loadBalancerSourceRanges',
        'sessionAffinityConfig',
        'trafficDistribution',
      ],
    },
    status: { fields: { loadBalancer: 'any', conditions: conditionsSchema } },
  },
  admit: [defaultService, validateService, allocateClusterIp],
  fieldSelectors: ['spec.clusterIP', 'spec.type'],
  columns: [
    { name: 'Type', value: ({ spec }) => spec.type },
    { name: 'Cluster-IP', value: ({ spec }) => spec.clusterIP ?? '' },
    { name: 'External-IP', value: () => '<none>' },
    { name: 'Port(s)', value: ({ spec }) => portsText(spec.ports) },
    { name: 'Selector', wide: true, value: ({ spec }) => selectorText(spec.selector) },
  ],
}

function defaultService({ object }: AdmissionRequest): void {
  const { spec } = object
  spec.type ??= 'ClusterIP'
  spec.sessionAffinity ??= 'None'
  spec.internalTrafficPolicy ??= 'Cluster'
  spec.ipFamilies ??= ['IPv4']
  spec.ipFamilyPolicy ??= 'SingleStack'
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP'
    port.targetPort ??= port.port
  }
  object.status ??= { loadBalancer: {} }
}

function validateService({ object: { spec }, old, causes }: AdmissionRequest): void {
  const wrong = (field: string, message: string, reason = 'FieldValueInvalid') =>
    causes.push({ reason, message, field: `spec.${field}` })
  const only = (field: string, supported: unknown, value: unknown) => {
    if (jsonEqual(supported, value)) return
    const message = `Unsupported value: ${JSON.stringify(value)}: this miniature cluster supports ${JSON.stringify(supported)}`
    wrong(field, message, 'FieldValueNotSupported')
  }
  only('type', 'ClusterIP', spec.type)
  only('sessionAffinity', 'None', spec.sessionAffinity)
  only('internalTrafficPolicy', 'Cluster', spec.internalTrafficPolicy)
  only('ipFamilies', ['IPv4'], spec.ipFamilies)
  if (!spec.ports?.length && spec.clusterIP !== 'None') wrong('ports', 'Required value', 'FieldValueRequired')
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!(port.port >= 1 && port.port <= 65535)) {
      wrong(`ports[${index}].port`, `Invalid value: ${port.port}: must be between 1 and 65535, inclusive`)
    }
    if (!['TCP', 'UDP', 'SCTP'].includes(port.protocol)) {
      wrong(`ports[${index}].protocol`, `Unsupported value: "${port.protocol}"`, 'FieldValueNotSupported')
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

function portsText(ports: { port: number; protocol: string }[] | undefined): string {
  return (ports ?? []).map(({ port, protocol }) => `${port}/${protocol}`).join(',') || '<none>'
}
