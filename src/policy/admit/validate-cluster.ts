import { parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Path, Problems } from './problem.ts'
import { validatePortName } from './validate-kubernetes.ts'
import { validateLabelSelector } from './validate-labels.ts'

type Selectors = Record<string, object> | undefined
type Entry = Record<string, unknown>

/** A ClusterNetworkPolicy: the checks that its CRD declares. */
export function validateClusterPolicy({ spec }: KubernetesObject, problems: Problems): void {
  const { priority, subject } = spec
  if (typeof priority === 'number' && (priority < 0 || priority > 1000))
    problems.add(['spec', 'priority'], 'must be between 0 and 1000')
  if (subject) validateSelectors(subject, ['spec', 'subject'], problems)
  for (const [list, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    ;(spec[list] ?? []).forEach((rule: Entry, index: number) => {
      const path = ['spec', list, index]
      if (typeof rule.name === 'string' && rule.name.length > 100)
        problems.add([...path, 'name'], 'has at most 100 characters')
      ;((rule[peers] ?? []) as Entry[]).forEach((peer, at) => {
        validatePeer(peer, rule.action, [...path, peers, at], problems)
      })
      ;((rule.protocols ?? []) as Entry[]).forEach((protocol, at) => {
        validateProtocol(protocol, [...path, 'protocols', at], problems)
      })
    })
  }
}

/** Exactly one of `namespaces` and `pods` for a subject; peers have more to choose from. */
function validateSelectors(value: Entry, path: Path, problems: Problems): void {
  validateOneField(value, path, problems)
  validateLabelSelector(value.namespaces as Selectors, [...path, 'namespaces'], problems)
  const pods = value.pods as Selectors
  validateLabelSelector(pods?.namespaceSelector, [...path, 'pods', 'namespaceSelector'], problems)
  validateLabelSelector(pods?.podSelector, [...path, 'pods', 'podSelector'], problems)
}

function validatePeer(peer: Entry, action: unknown, path: Path, problems: Problems): void {
  validateSelectors(peer, path, problems)
  ;((peer.networks ?? []) as string[]).forEach((network, index) => {
    if (!parseCidr(network))
      problems.add([...path, 'networks', index], `${JSON.stringify(network)} is not a CIDR`)
  })
  if (peer.domainNames && action !== 'Accept')
    problems.add([...path, 'domainNames'], 'domain names can be accepted only')
}

function validateProtocol(entry: Entry, path: Path, problems: Problems): void {
  validateOneField(entry, path, problems)
  const { destinationNamedPort } = entry
  if (typeof destinationNamedPort === 'string')
    validatePortName(destinationNamedPort, [...path, 'destinationNamedPort'], problems)
  for (const name of ['tcp', 'udp', 'sctp']) {
    const protocol = entry[name] as { destinationPort?: DestinationPort } | undefined
    const port = protocol?.destinationPort
    // The published CustomResourceDefinition has it at 1 property at least.
    if (protocol && !port) problems.add([...path, name], 'must name a destinationPort')
    if (port) validatePort(port, [...path, name, 'destinationPort'], problems)
  }
}

interface DestinationPort {
  number?: number
  range?: { start?: number; end?: number }
}

function validatePort(port: DestinationPort, path: Path, problems: Problems): void {
  validateOneField(port as Entry, path, problems)
  const { start = 1, end = 65535 } = port.range ?? {}
  const given: [string[], number | undefined][] = [
    [['number'], port.number],
    [['range', 'start'], port.range?.start],
    [['range', 'end'], port.range?.end],
  ]
  for (const [steps, value] of given)
    if (value !== undefined && (value < 1 || value > 65535))
      problems.add([...path, ...steps], 'must be between 1 and 65535')
  if (start >= end) problems.add([...path, 'range'], 'start must be less than end')
}

function validateOneField(value: Entry, path: Path, problems: Problems): void {
  const fields = Object.keys(value)
  if (fields.length !== 1) problems.add(path, `must have exactly one field, not ${fields.length || 'none'}`)
}
