import { isMasked, parseAddress } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { builtInTiers } from '../built-in-tiers.ts'
import type { Problems } from './problem.ts'

export function validateTier({ metadata, spec }: KubernetesObject, problems: Problems): void {
  const fixed = Object.hasOwn(builtInTiers, metadata.name) ? builtInTiers[metadata.name] : undefined
  if (metadata.name?.includes('.')) problems.add(['metadata', 'name'], 'a tier name has no dots')
  if (fixed && spec.order !== fixed.order)
    problems.add(['spec', 'order'], `of tier ${metadata.name} is fixed`, `write ${fixed.order}`)
  if (fixed && spec.defaultAction !== fixed.defaultAction)
    problems.add(
      ['spec', 'defaultAction'],
      `of tier ${metadata.name} is fixed`,
      `write ${fixed.defaultAction}`,
    )
}

export function validateNetworkSet({ metadata, spec }: KubernetesObject, problems: Problems): void {
  const reserved = 'projectcalico.org/namespace'
  if (metadata.labels?.[reserved] !== undefined)
    problems.add(['metadata', 'labels', reserved], 'is set by Calico itself', 'remove it')
  ;((spec.nets ?? []) as string[]).forEach((net, index) => {
    if (!isMasked(net) && !parseAddress(net))
      problems.add(['spec', 'nets', index], `${JSON.stringify(net)} is neither a masked CIDR nor an address`)
  })
}

export function validateHostEndpoint({ spec }: KubernetesObject, problems: Problems): void {
  const { node, interfaceName, expectedIPs = [], ports = [] } = spec
  if (!node) problems.add(['spec', 'node'], 'is required')
  if (!interfaceName && expectedIPs.length === 0)
    problems.add(
      ['spec'],
      'must have an interfaceName or expectedIPs',
      'interfaceName: "*" is every interface',
    )
  ;(expectedIPs as string[]).forEach((address, index) => {
    if (!parseAddress(address))
      problems.add(['spec', 'expectedIPs', index], `${JSON.stringify(address)} is not an IP address`)
  })
  ;(ports as { port?: number }[]).forEach(({ port = 1 }, index) => {
    if (port < 1 || port > 65535)
      problems.add(['spec', 'ports', index, 'port'], 'must be between 1 and 65535')
  })
}
