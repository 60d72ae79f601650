import { cidrCovers, parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Path, Problems } from './problem.ts'
import { validateLabelSelector } from './validate-labels.ts'

/** A Kubernetes NetworkPolicy, or Calico's staged form of one: what the API server's validation checks. */
export function validateKubernetesPolicy({ kind, spec }: KubernetesObject, problems: Problems): void {
  if (kind.startsWith('Staged') && spec.stagedAction === 'Delete') {
    for (const field of Object.keys(spec).filter((name) => name !== 'stagedAction'))
      problems.add(['spec', field], 'a staged deletion has no other field', 'remove it')
    return
  }
  validateLabelSelector(spec.podSelector, ['spec', 'podSelector'], problems)
  for (const [list, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    ;(spec[list] ?? []).forEach((rule: Record<string, unknown[]>, index: number) => {
      const path = ['spec', list, index]
      rule[peers]?.forEach((peer, at) => {
        validatePeer(peer as Peer, [...path, peers, at], problems)
      })
      rule.ports?.forEach((port, at) => {
        validatePort(port as Port, [...path, 'ports', at], problems)
      })
    })
  }
}

interface Peer {
  podSelector?: object
  namespaceSelector?: object
  ipBlock?: { cidr?: string; except?: string[] }
}

interface Port {
  port?: number | string
  endPort?: number
}

function validatePeer(
  { podSelector, namespaceSelector, ipBlock }: Peer,
  path: Path,
  problems: Problems,
): void {
  const selects = podSelector !== undefined || namespaceSelector !== undefined
  if (!selects && !ipBlock)
    problems.add(
      path,
      'must have a podSelector, a namespaceSelector or an ipBlock',
      'podSelector: {} is every pod here',
    )
  if (selects && ipBlock)
    problems.add([...path, 'ipBlock'], 'cannot stand beside a selector', 'make it an item of its own')
  validateLabelSelector(podSelector, [...path, 'podSelector'], problems)
  validateLabelSelector(namespaceSelector, [...path, 'namespaceSelector'], problems)
  if (ipBlock?.cidr !== undefined)
    validateIpBlock(ipBlock.cidr, ipBlock.except ?? [], [...path, 'ipBlock'], problems)
}

function validateIpBlock(text: string, except: string[], path: Path, problems: Problems): void {
  const cidr = parseCidr(text)
  if (!cidr)
    problems.add([...path, 'cidr'], `${JSON.stringify(text)} is not a CIDR`, 'write it as 10.0.0.0/8')
  except.forEach((entry, index) => {
    const inner = parseCidr(entry)
    const at = [...path, 'except', index]
    if (!inner) problems.add(at, `${JSON.stringify(entry)} is not a CIDR`)
    else if (cidr && (!cidrCovers(cidr, inner) || cidr.prefix === inner.prefix))
      problems.add(at, `must be a strict part of ${text}`)
  })
}

function validatePort({ port, endPort }: Port, path: Path, problems: Problems): void {
  if (typeof port === 'number' && (port < 1 || port > 65535))
    problems.add([...path, 'port'], 'must be between 1 and 65535')
  if (typeof port === 'string') validatePortName(port, [...path, 'port'], problems)
  if (endPort === undefined) return
  const at = [...path, 'endPort']
  if (typeof port !== 'number') problems.add(at, 'needs a numeric port')
  else if (endPort < port || endPort > 65535) problems.add(at, `must be between ${port} and 65535`)
}

/** An IANA service name: what container ports may be called. */
export function validatePortName(name: string, path: Path, problems: Problems): void {
  const fits = /^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(name) && /[a-z]/.test(name) && !name.includes('--')
  const number = /^\d+$/.test(name) ? `write ${name} without quotes` : undefined
  if (!fits)
    problems.add(path, `${JSON.stringify(name)} is no port name (15 characters of a-z, 0-9, -)`, number)
}
