import { describeObject, type KubernetesObject } from '../../kubernetes-object.ts'
import type { Policy } from './policy.ts'

const withdrawn = ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy']
const rawGroup = 'crd.projectcalico.org/'
const limits = /^qos\.projectcalico\.org\/(ingress|egress)(PacketRate|MaxConnections)$/

/** One sentence for each thing that is present and not modelled. */
export function notModelled(objects: KubernetesObject[], policies: Policy[]): string[] {
  const hostEndpoints = objects.some(({ kind }) => kind === 'HostEndpoint')
  return [
    ...objects.flatMap((object) => sentenceOf(object, hostEndpoints) ?? []),
    ...missingTiers(objects, policies),
  ]
}

function sentenceOf(object: KubernetesObject, hostEndpoints: boolean): string | undefined {
  const { apiVersion, kind, metadata, spec } = object
  const name = describeObject(object)
  if (withdrawn.includes(kind))
    return `${name}: Calico ignores this kind since v3.32; ClusterNetworkPolicy has taken its place`
  if (apiVersion.startsWith(rawGroup))
    return `${name}: ${apiVersion} is Calico's storage; write projectcalico.org/v3`
  if (kind === 'HostEndpoint')
    return `${name}: known to rules as a peer, but what policies do to the host itself is not modelled`
  if (kind === 'FelixConfiguration')
    return `${name}: settings of Felix are not read from the object; its defaults are assumed`
  if (hostEndpoints && (spec?.doNotTrack || spec?.preDNAT || spec?.applyOnForward))
    return `${name}: doNotTrack, preDNAT and applyOnForward act on HostEndpoints, which are not modelled`
  if (hasHttp(spec))
    return `${name}: http matches are checked by Envoy alone; the kernel allows the whole flow`
  if (kind === 'Pod' && Object.keys(metadata.annotations ?? {}).some((key) => limits.test(key)))
    return `${name}: limits of packets and connections are not modelled`
  return undefined
}

function hasHttp(spec: KubernetesObject['spec']): boolean {
  return (
    Array.isArray(spec?.ingress) && spec.ingress.some((rule: { http?: unknown }) => rule?.http !== undefined)
  )
}

function missingTiers(objects: KubernetesObject[], policies: Policy[]): string[] {
  const known = new Set(['default', 'kube-admin', 'kube-baseline'])
  for (const { kind, metadata } of objects) if (kind === 'Tier') known.add(metadata.name)
  const missing = new Set(policies.map(({ ref }) => ref.tier).filter((tier) => !known.has(tier)))
  return [...missing].map(
    (tier) => `Tier ${tier} does not exist: its policies are enforced after all others and deny at the end`,
  )
}
