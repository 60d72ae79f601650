import type { Shape } from './shape.ts'

type Fields = Record<string, Shape>

/** The shape of every kind, by `apiVersion kind`; `namespaced` says where its objects live. */
export interface KindShape {
  namespaced: boolean
  spec: Shape
}

const strings: Shape = { list: 'string' }
const set: Shape = { list: 'string', unique: true }
const direction: Shape = { oneOf: ['Ingress', 'Egress'] }

const labelSelector: Shape = {
  fields: {
    matchLabels: { map: 'string' },
    matchExpressions: {
      list: {
        fields: {
          key: 'string',
          operator: { oneOf: ['In', 'NotIn', 'Exists', 'DoesNotExist'] },
          values: strings,
        },
        required: ['key', 'operator'],
      },
    },
  },
}

const kubernetesPeer: Shape = {
  fields: {
    podSelector: labelSelector,
    namespaceSelector: labelSelector,
    ipBlock: { fields: { cidr: 'string', except: strings }, required: ['cidr'] },
  },
}

const kubernetesRule = (peers: string): Shape => ({
  fields: {
    [peers]: { list: kubernetesPeer },
    ports: {
      list: {
        fields: {
          protocol: { oneOf: ['TCP', 'UDP', 'SCTP'] },
          port: 'integer or string',
          endPort: 'integer',
        },
      },
    },
  },
})

const kubernetesSpec: Fields = {
  podSelector: labelSelector,
  ingress: { list: kubernetesRule('from') },
  egress: { list: kubernetesRule('to') },
  policyTypes: { list: direction, most: 2 },
}

const calicoPeer: Shape = {
  fields: {
    selector: 'string',
    notSelector: 'string',
    namespaceSelector: 'string',
    serviceAccounts: { fields: { names: set, selector: 'string' } },
    services: { fields: { name: 'string', namespace: 'string' } },
    nets: set,
    notNets: strings,
    ports: { list: 'integer or string' },
    notPorts: { list: 'integer or string' },
  },
}

const icmp: Shape = { fields: { type: 'integer', code: 'integer' } }

const calicoRule: Shape = {
  fields: {
    action: { oneOf: ['Allow', 'Deny', 'Log', 'Pass'] },
    ipVersion: 'integer',
    protocol: 'integer or string',
    notProtocol: 'integer or string',
    icmp,
    notICMP: icmp,
    source: calicoPeer,
    destination: calicoPeer,
    http: {
      fields: { methods: set, paths: { list: { fields: { exact: 'string', prefix: 'string' } } } },
    },
    metadata: { fields: { annotations: { map: 'string' } } },
  },
  required: ['action'],
}

const calicoSpec: Fields = {
  tier: 'string',
  order: 'number',
  selector: 'string',
  serviceAccountSelector: 'string',
  types: { list: direction, unique: true, nonEmpty: true },
  ingress: { list: calicoRule },
  egress: { list: calicoRule },
  performanceHints: { list: { oneOf: ['AssumeNeededOnEveryNode'] }, unique: true },
}

const globalSpec: Fields = {
  ...calicoSpec,
  namespaceSelector: 'string',
  doNotTrack: 'boolean',
  preDNAT: 'boolean',
  applyOnForward: 'boolean',
}

const staged: Fields = { stagedAction: { oneOf: ['Set', 'Delete', 'Learn', 'Ignore'] } }

const networkSetSpec: Shape = { fields: { nets: set } }

const clusterPods: Shape = {
  fields: { namespaceSelector: labelSelector, podSelector: labelSelector },
  required: ['podSelector'],
}

const destinationPort: Shape = {
  fields: {
    number: 'integer',
    range: { fields: { start: 'integer', end: 'integer' }, required: ['start', 'end'] },
  },
}

const protocolPorts: Shape = { fields: { destinationPort } }

const clusterRule = (peers: string, more: Fields): Shape => ({
  fields: {
    name: 'string',
    action: { oneOf: ['Accept', 'Deny', 'Pass'] },
    [peers]: {
      list: { fields: { namespaces: labelSelector, pods: clusterPods, ...more } },
      nonEmpty: true,
      most: 25,
    },
    protocols: {
      list: {
        fields: {
          tcp: protocolPorts,
          udp: protocolPorts,
          sctp: protocolPorts,
          destinationNamedPort: 'string',
        },
      },
      nonEmpty: true,
      most: 25,
    },
  },
  required: ['action', peers],
})

/** Peers of the experimental channel, which the CRD that Calico ships does not have. */
const experimentalPeers: Fields = { nodes: labelSelector, domainNames: strings }

function clusterPolicy(experimental: boolean): Shape {
  const egress: Fields = { networks: { list: 'string', unique: true, nonEmpty: true, most: 25 } }
  const more = experimental ? experimentalPeers : {}
  return {
    fields: {
      tier: { oneOf: ['Admin', 'Baseline'] },
      priority: 'integer',
      subject: { fields: { namespaces: labelSelector, pods: clusterPods } },
      ingress: { list: clusterRule('from', more), most: 25 },
      egress: { list: clusterRule('to', { ...egress, ...more }), most: 25 },
    },
    required: ['tier', 'priority', 'subject'],
  }
}

const hostEndpointSpec: Shape = {
  fields: {
    node: 'string',
    interfaceName: 'string',
    expectedIPs: set,
    profiles: set,
    ports: {
      list: {
        fields: { name: 'string', protocol: 'integer or string', port: 'integer' },
        required: ['name', 'protocol', 'port'],
      },
    },
  },
}

const calico = 'projectcalico.org/v3'
const namespaced = (spec: Shape): KindShape => ({ namespaced: true, spec })
const clusterScoped = (spec: Shape): KindShape => ({ namespaced: false, spec })

const kinds: Record<string, KindShape> = {
  'networking.k8s.io/v1 NetworkPolicy': namespaced({ fields: kubernetesSpec }),
  [`${calico} NetworkPolicy`]: namespaced({ fields: calicoSpec }),
  [`${calico} StagedNetworkPolicy`]: namespaced({ fields: { ...calicoSpec, ...staged } }),
  [`${calico} GlobalNetworkPolicy`]: clusterScoped({ fields: globalSpec }),
  [`${calico} StagedGlobalNetworkPolicy`]: clusterScoped({ fields: { ...globalSpec, ...staged } }),
  [`${calico} StagedKubernetesNetworkPolicy`]: namespaced({
    fields: { ...kubernetesSpec, policyTypes: { list: direction, unique: true }, ...staged },
  }),
  [`${calico} Tier`]: clusterScoped({
    fields: { order: 'number', defaultAction: { oneOf: ['Deny', 'Pass'] } },
  }),
  [`${calico} NetworkSet`]: namespaced(networkSetSpec),
  [`${calico} GlobalNetworkSet`]: clusterScoped(networkSetSpec),
  [`${calico} HostEndpoint`]: clusterScoped(hostEndpointSpec),
  'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy': clusterScoped(clusterPolicy(false)),
}

/** `apiVersion kind` of every policy kind. */
export const policyKinds: readonly string[] = Object.keys(kinds)

/** The shape of a kind, or undefined for one that is not a policy kind. */
export function kindShape(key: string, experimental: boolean): KindShape | undefined {
  if (experimental && key.endsWith(' ClusterNetworkPolicy'))
    return kinds[key] && clusterScoped(clusterPolicy(true))
  return Object.hasOwn(kinds, key) ? kinds[key] : undefined
}

const metadataFields = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
  'finalizers',
  'managedFields',
  'selfLink',
]

/** A whole object around a spec; `more` is what a kind has beside it. */
export function objectShape(spec: Shape, more: Fields = {}): Shape {
  const known = Object.fromEntries(metadataFields.map((name): [string, Shape] => [name, 'anything']))
  const metadata: Fields = { ...known, name: 'string', namespace: 'string' }
  return {
    fields: {
      apiVersion: 'string',
      kind: 'string',
      metadata: { fields: { ...metadata, labels: { map: 'string' }, annotations: { map: 'string' } } },
      spec,
      status: 'anything',
      ...more,
    },
    required: ['metadata'],
  }
}
