import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { make } from '../../unit/policy/small-cluster.ts'
import type { Random } from './random.ts'
import { labelKeys, many, namespaces, portNames, randomLabels, randomNet, values } from './random-cluster.ts'

type Fields = Record<string, unknown>

/**
 * Two tiers of random order, and one to six policies of any kind, all of them valid. Half of the sets have a single
 * policy: there every field has a say.
 */
export function randomPolicies(random: Random): KubernetesObject[] {
  const tiers = ['platform', 'zone'].map((name) =>
    make(
      'projectcalico.org/v3',
      'Tier',
      { name },
      {
        spec: optional(random, {
          order: () => random.pick([10, 1e6, 2e6]),
          defaultAction: () => random.pick(['Pass', 'Deny']),
        }),
      },
    ),
  )
  const kinds = [kubernetesPolicy, kubernetesPolicy, clusterPolicy, calicoPolicy, calicoPolicy, calicoPolicy]
  const count = random.chance(0.5) ? 1 : 2 + random.below(4)
  const policies = Array.from({ length: count }, (_, index) => random.pick(kinds)(random, index))
  const twins = policies.flatMap((policy) => (random.chance(0.25) ? [twinOf(random, policy)] : []))
  return [...tiers, ...policies, ...twins]
}

const opposites: Record<string, string> = { Allow: 'Deny', Deny: 'Allow', Accept: 'Deny' }

/** Says the contrary of a policy under a name beside its own: order, or else the name, decides between them. */
function twinOf(random: Random, policy: KubernetesObject): KubernetesObject {
  const { metadata, spec, kind } = structuredClone(policy)
  const name = random.pick(['a-twin', 'z-twin']).concat('-', metadata.name)
  if (spec.podSelector) return denying({ ...metadata, name }, kind)
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    if (rule.action) rule.action = opposites[rule.action] ?? rule.action
    if (kind === 'ClusterNetworkPolicy' && rule.action === 'Allow') rule.action = 'Accept'
    if (rule.action !== 'Allow') delete rule.http
  }
  const change = random.below(4)
  if (change === 1 && kind === 'ClusterNetworkPolicy') spec.priority = random.below(4)
  if (change === 1 && kind.endsWith('NetworkPolicy') && 'order' in spec)
    spec.order = random.pick([1, 1000, 2000])
  if (change === 2 && spec.tier && kind !== 'ClusterNetworkPolicy')
    spec.tier = random.pick(['platform', 'zone'])
  return { ...policy, metadata: { ...metadata, name }, spec }
}

/** Kubernetes' policies only allow; what contradicts one is Calico's, at the order that Kubernetes' have. */
function denying(metadata: KubernetesObject['metadata'], beside: string): KubernetesObject {
  const kind = beside.startsWith('Staged') ? 'StagedNetworkPolicy' : 'NetworkPolicy'
  const rules = { ingress: [{ action: 'Deny' }], egress: [{ action: 'Deny' }] }
  return make('projectcalico.org/v3', kind, metadata, { spec: { order: 1000, ...rules } })
}

function kubernetesPolicy(random: Random, index: number): KubernetesObject {
  const staged = random.chance(0.15)
  const metadata = { name: `k${index}`, namespace: random.pick(namespaces) }
  const rules = (key: string) => () => many(random, 2, () => kubernetesRule(random, key))
  const spec = optional(random, {
    ingress: rules('from'),
    egress: rules('to'),
    policyTypes: () => random.pick([['Ingress'], ['Egress'], ['Ingress', 'Egress']]),
  })
  const subject = optional(random, { podSelector: () => labelSelector(random) }, 0.85)
  if (!staged)
    return make('networking.k8s.io/v1', 'NetworkPolicy', metadata, { spec: { ...subject, ...spec } })
  const action = stagedAction(random)
  const body = action.stagedAction === 'Delete' ? action : { ...subject, ...spec, ...action }
  return make('projectcalico.org/v3', 'StagedKubernetesNetworkPolicy', metadata, { spec: body })
}

function stagedAction(random: Random): Fields {
  return optional(random, { stagedAction: () => random.pick(['Set', 'Learn', 'Ignore', 'Delete']) }, 0.4)
}

function kubernetesRule(random: Random, key: string): Fields {
  return optional(random, {
    [key]: () => many(random, 2, () => kubernetesPeer(random)),
    ports: () => many(random, 2, () => kubernetesPort(random)),
  })
}

function kubernetesPeer(random: Random): Fields {
  const pods = { podSelector: labelSelector(random) }
  const where = { namespaceSelector: labelSelector(random) }
  const block = {
    ipBlock: {
      cidr: '10.0.0.0/28',
      except: many(random, 2, () => random.pick(['10.0.0.4/30', '10.0.0.1/32'])),
    },
  }
  return random.pick([
    pods,
    where,
    { ...pods, ...where },
    block,
    { ipBlock: { cidr: randomNet(random, random.chance(0.3)) } },
  ])
}

function kubernetesPort(random: Random): Fields {
  const protocol = random.chance(0.7) ? { protocol: random.pick(['TCP', 'UDP', 'SCTP']) } : {}
  return {
    ...protocol,
    ...random.pick([{}, { port: 80 }, { port: 53, endPort: 81 }, { port: random.pick(portNames) }]),
  }
}

function clusterPolicy(random: Random, index: number): KubernetesObject {
  const rules = (key: string) => () => many(random, 2, () => clusterRule(random, key))
  const spec = optional(random, { ingress: rules('from'), egress: rules('to') })
  const subject = random.pick([{ namespaces: labelSelector(random) }, clusterPods(random)])
  const fixed = { tier: random.pick(['Admin', 'Baseline']), priority: random.below(4), subject }
  return make(
    'policy.networking.k8s.io/v1alpha2',
    'ClusterNetworkPolicy',
    { name: `c${index}` },
    { spec: { ...fixed, ...spec } },
  )
}

function clusterPods(random: Random): Fields {
  return { pods: { podSelector: labelSelector(random), namespaceSelector: labelSelector(random) } }
}

function clusterRule(random: Random, key: string): Fields {
  const networks = { networks: [randomNet(random), randomNet(random, true)] }
  const peers = [
    { namespaces: labelSelector(random) },
    clusterPods(random),
    key === 'to' ? networks : clusterPods(random),
  ]
  const range = () => ({ start: random.pick([50, 80]), end: random.pick([81, 443]) })
  const port = () => ({
    destinationPort: random.pick([{ number: random.pick([53, 80, 443]) }, { range: range() }]),
  })
  const ports = [
    { tcp: port() },
    { udp: port() },
    { sctp: port() },
    { destinationNamedPort: random.pick(portNames) },
  ]
  return {
    ...optional(random, { name: () => 'a-rule' }, 0.2),
    action: random.pick(['Accept', 'Deny', 'Pass']),
    [key]: [random.pick(peers), random.pick(peers)].slice(random.below(2)),
    ...optional(random, { protocols: () => [random.pick(ports)] }),
  }
}

function calicoPolicy(random: Random, index: number): KubernetesObject {
  const global = random.chance(0.5)
  const staged = random.chance(0.25)
  const name = random.pick([`p${index}`, `p-${index}`, `same-${index}`])
  const place = global ? { name } : { name, namespace: random.pick(namespaces) }
  const rules = (direction: string) => () => many(random, 3, () => calicoRule(random, { direction, global }))
  const common = {
    tier: () => random.pick(['default', 'platform', 'zone']),
    order: () => random.pick([1, 10, 999.5, 1000, 1001]),
    selector: () => selector(random),
    serviceAccountSelector: () => selector(random),
    ingress: rules('ingress'),
    egress: rules('egress'),
    types: () => random.pick([['Ingress'], ['Egress'], ['Ingress', 'Egress']]),
    ...(global ? { namespaceSelector: () => selector(random) } : {}),
  }
  const hints = optional(random, { performanceHints: () => ['AssumeNeededOnEveryNode'] }, 0.05)
  const spec: Fields = { ...optional(random, common), ...hints, ...(global ? forHosts(random) : {}) }
  if (spec.preDNAT) for (const field of ['egress', 'types']) delete spec[field]
  const kind = `${staged ? 'Staged' : ''}${global ? 'Global' : ''}NetworkPolicy`
  const action = staged ? stagedAction(random) : {}
  const body =
    action.stagedAction === 'Delete'
      ? { ...action, ...(spec.tier ? { tier: spec.tier } : {}) }
      : { ...spec, ...action }
  return make('projectcalico.org/v3', kind, place, { spec: body })
}

/** What concerns hosts alone: with the last two a policy does nothing to pods. */
function forHosts(random: Random): Fields {
  if (random.chance(0.7)) return {}
  return { applyOnForward: true, ...random.pick([{}, { doNotTrack: true }, { preDNAT: true }]) }
}

function calicoRule(random: Random, { direction, global }: { direction: string; global: boolean }): Fields {
  const action = random.pick(['Allow', 'Allow', 'Allow', 'Deny', 'Pass', 'Log'])
  const kind = random.below(10)
  if (kind === 0)
    return random.pick([
      {
        action,
        protocol: 'ICMP',
        icmp: random.pick([{}, { type: 8 }, { type: 8, code: 0 }, { type: 8, code: 1 }]),
      },
      { action, protocol: 'ICMPv6', icmp: { type: 128 } },
    ])
  if (kind === 1)
    return {
      action,
      ...random.pick([{}, { protocol: 'ICMP' }]),
      ...random.pick([{ notICMP: { type: 8 } }, { notICMP: { type: 8, code: random.below(2) } }]),
    }
  if (kind === 2)
    return { action, notProtocol: random.pick(['TCP', 'UDP', 47, 'ICMPv6']), source: peer(random, false) }
  if (kind === 3)
    return {
      action,
      ...random.pick([{ ipVersion: 6 }, { ipVersion: 4 }, { protocol: 'ICMPv6' }, { protocol: 1 }]),
    }
  if (kind === 4) {
    const place = global || random.chance(0.8) ? { namespace: random.pick(namespaces) } : {}
    const services = { name: random.pick(['svc', 'svc', 'svc', 'none']), ...place }
    return { action, [direction === 'ingress' ? 'source' : 'destination']: { services } }
  }
  const six = random.chance(0.2)
  const ported = random.chance(0.6)
  const protocol: Fields = ported ? { protocol: random.pick(['TCP', 'UDP', 'SCTP', 6]) } : {}
  return {
    action,
    ...protocol,
    ...optional(random, {
      source: () => ({ ...peer(random, six), ...(random.chance(0.25) ? sourcePorts(random, ported) : {}) }),
      destination: () => ({ ...peer(random, six), ...ports(random, ported) }),
    }),
    ...optional(random, { metadata: () => ({ annotations: { why: 'fuzz' } }) }, 0.03),
    ...(action === 'Allow' && direction === 'ingress' && protocol.protocol === 'TCP'
      ? optional(
          random,
          { http: () => ({ methods: ['GET'], paths: [{ exact: '/' }, { prefix: '/a' }] }) },
          0.05,
        )
      : {}),
  }
}

/** Clients take their ports from what the kernel or IANA calls ephemeral. */
function sourcePorts(random: Random, numeric: boolean): Fields {
  const one = () => (numeric ? random.pick(['1024:65535', 80]) : 'http')
  return random.pick([{ ports: [one()] }, { notPorts: [one()] }])
}

function ports(random: Random, numeric: boolean): Fields {
  const one = () =>
    numeric && random.chance(0.6) ? random.pick([80, '53:81', '443']) : random.pick(portNames)
  return optional(random, { ports: () => many(random, 2, one), notPorts: () => many(random, 1, one) }, 0.35)
}

/** One or two criteria; with more, hardly anything would match. */
function peer(random: Random, six: boolean): Fields {
  const account = (): Fields =>
    random.pick([{ names: [random.pick(['front', 'back'])] }, { selector: selector(random) }])
  const criteria: Record<string, () => unknown> = {
    selector: () => selector(random),
    notSelector: () => selector(random),
    namespaceSelector: () => (random.chance(0.2) ? 'global()' : selector(random)),
    serviceAccounts: () =>
      random.chance(0.1) ? {} : random.chance(0.2) ? { ...account(), ...account() } : account(),
    nets: () => [...new Set(many(random, 2, () => randomNet(random, six)))],
    notNets: () => many(random, 2, () => randomNet(random, six)),
  }
  const names = [
    random.pick(Object.keys(criteria)),
    ...(random.chance(0.4) ? [random.pick(Object.keys(criteria))] : []),
  ]
  return Object.fromEntries(names.map((name) => [name, criteria[name]!()]))
}

function labelSelector(random: Random): Fields {
  const key = random.pick(labelKeys)
  const expression = random.pick([
    { key, operator: 'In', values: [random.pick(values), random.pick(values)] },
    { key, operator: 'NotIn', values: [random.pick(values)] },
    { key, operator: 'Exists' },
    { key, operator: 'DoesNotExist' },
  ])
  return random.pick([{}, {}, { matchLabels: randomLabels(random) }, { matchExpressions: [expression] }])
}

function selector(random: Random, depth = 2): string {
  const key = random.pick(labelKeys)
  const value = random.pick(values)
  const shape = random.below(depth > 0 ? 12 : 8)
  const inner = () => selector(random, depth - 1)
  return [
    `${key} == '${value}'`,
    `${key} != "${value}"`,
    `has(${key})`,
    'all()',
    `${key} in {'${value}', '${random.pick(values)}'}`,
    `${key} not in {'${value}'}`,
    `${key} contains '${value.slice(1, 2)}'`,
    random.pick([`${key} starts with '${value[0]}'`, `${key} endswith 'b'`, `projectcalico.org/name == 'x'`]),
    `!(${depth > 0 ? inner() : 'all()'})`,
    `${depth > 0 ? inner() : ''} && ${depth > 0 ? inner() : ''}`,
    `(${depth > 0 ? inner() : ''} || ${depth > 0 ? inner() : ''})`,
    `!has(${key}) || ${depth > 0 ? inner() : ''}`,
  ][shape]!
}

/** Each field with some probability. */
function optional(random: Random, makers: Record<string, () => unknown>, probability = 0.55): Fields {
  const chosen = Object.entries(makers).filter(() => random.chance(probability))
  return Object.fromEntries(chosen.map(([key, make]) => [key, make()]))
}
