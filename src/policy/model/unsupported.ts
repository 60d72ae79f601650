import { describeObject, type KubernetesObject } from '../../kubernetes-object.ts'
import type { Catalog } from './catalog.ts'
import { describePolicy, type Policy } from './policy.ts'

const withdrawn = ['AdminNetworkPolicy', 'BaselineAdminNetworkPolicy']
const limits = /^qos\.projectcalico\.org\/(ingress|egress)(PacketRate|MaxConnections)$/

/** One sentence for each thing that is present and not modelled, or not in full. */
export function notModelled(objects: KubernetesObject[], policies: Policy[], catalog: Catalog): string[] {
  const onHosts = policies.filter(({ stage, selects }) => selectsHost(stage, selects, catalog))
  return [
    ...objects.flatMap((object) => sentenceOf(object) ?? []),
    ...onHosts.flatMap((policy) => hostSentence(policy, catalog) ?? []),
    ...missingTiers(objects, policies),
  ]
}

function selectsHost(
  stage: Policy['stage'],
  selects: Policy['selects'],
  { hostInterfaces }: Catalog,
): boolean {
  return stage !== 'normal' && hostInterfaces.some(({ endpoint }) => selects(endpoint.labelClass.labels))
}

/** What the model leaves out of policies that are asked before connection tracking and translation. */
function hostSentence(
  { ref, stage, selects, rules }: Policy,
  { hostInterfaces }: Catalog,
): string | undefined {
  const name = describePolicy(ref)
  if (stage === 'untracked') {
    const named = hostInterfaces.some((host) => host.name !== '*' && selects(host.endpoint.labelClass.labels))
    return named
      ? `${name}: doNotTrack: the first packet is judged; answers to what it allows need rules of their own`
      : `${name}: Calico ignores doNotTrack on HostEndpoints for all interfaces`
  }
  const asksDestination = rules.ingress!.some(
    ({ destination }) => destination.nets.length + destination.notNets.length + destination.ports.length > 0,
  )
  return asksDestination
    ? `${name}: preDNAT sees a Service's own address and port; what comes through that address is judged by where it ends`
    : undefined
}

function sentenceOf(object: KubernetesObject): string | undefined {
  const { kind, metadata, spec } = object
  const name = describeObject(object)
  if (withdrawn.includes(kind))
    return `${name}: Calico ignores this kind since v3.32; ClusterNetworkPolicy has taken its place`
  if (kind === 'FelixConfiguration')
    return `${name}: of Felix's settings only the failsafe ports are read; its defaults are assumed for the others`
  if (kind === 'ClusterNetworkPolicy' && hasExperimentalPeer(spec))
    return `${name}: nodes and domainNames are of the experimental channel: such an Accept rule is dropped, any other denies everything`
  if (hasHttp(spec))
    return `${name}: http matches are checked by Envoy alone; the kernel allows the whole flow`
  if (kind === 'Pod' && Object.keys(metadata.annotations ?? {}).some((key) => limits.test(key)))
    return `${name}: limits of packets and connections are not modelled`
  return undefined
}

function hasExperimentalPeer(spec: KubernetesObject['spec']): boolean {
  return ((spec.egress ?? []) as { to: object[] }[]).some(({ to }) =>
    to.some((peer) => 'nodes' in peer || 'domainNames' in peer),
  )
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
