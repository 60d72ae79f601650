import type { KubernetesObject } from '../../src/kubernetes-object.ts'

type Body = Record<string, unknown>

/**
 * A cluster with `pods` pods and `policies` policies of every kind, always the same for equal numbers. A fifth of the
 * pods differ from all others in what policies see; a tenth of the rules have blocks, a fifth named ports.
 */
export function policySet(pods: number, policies: number): KubernetesObject[] {
  const spaces = Math.max(2, Math.round(pods / 100))
  return [
    ...range(spaces).map((index) =>
      make('v1', 'Namespace', {
        name: `ns-${index}`,
        labels: { team: `t${index % 10}`, stage: stages[index % 3]! },
      }),
    ),
    ...range(pods).map((index) => pod(index, spaces)),
    ...range(Math.round(policies / 50)).map((index) =>
      make(
        'projectcalico.org/v3',
        'GlobalNetworkSet',
        { name: `set-${index}`, labels: { set: `s${index}` } },
        { spec: { nets: [`10.${index % 200}.0.0/18`, `203.0.${index % 256}.0/24`] } },
      ),
    ),
    ...range(policies).map((index) => policy(index, spaces)),
  ]
}

const stages = ['prod', 'test', 'dev']
const portNames = ['http', 'metrics', 'grpc']
const appsPerNamespace = 12

function pod(index: number, spaces: number): KubernetesObject {
  const [namespace, place] = [index % spaces, Math.floor(index / spaces)]
  const labels = {
    app: `app-${place % appsPerNamespace}`,
    role: ['web', 'api', 'db'][place % 3]!,
    'pod-template-hash': `${index}`,
  }
  const ports = portNames
    .slice(0, 1 + (place % 3))
    .map((name, offset) => ({ name, containerPort: 8000 + offset + (place % 2), protocol: 'TCP' }))
  const podIP = `10.${Math.floor(index / 65536)}.${Math.floor(index / 256) % 256}.${index % 256}`
  return make(
    'v1',
    'Pod',
    { name: `pod-${index}`, namespace: `ns-${namespace}`, labels },
    {
      spec: {
        nodeName: `node-${index % 50}`,
        serviceAccountName: 'default',
        containers: [{ name: 'c', ports }],
      },
      status: { podIP, phase: 'Running' },
    },
  )
}

/** Of ten: six of Kubernetes, two of Calico in a namespace, one global, one of the cluster's administrator. */
function policy(index: number, spaces: number): KubernetesObject {
  const namespace = `ns-${index % spaces}`
  const app = `app-${Math.floor(index / spaces) % appsPerNamespace}`
  const other = `app-${(index * 7) % appsPerNamespace}`
  switch (index % 10) {
    case 6:
    case 7:
      return calicoPolicy({ index, namespace, app, other })
    case 8:
      return make(
        'projectcalico.org/v3',
        'GlobalNetworkPolicy',
        { name: `global-${index}` },
        { spec: globalSpec(index) },
      )
    case 9:
      return make(
        'policy.networking.k8s.io/v1alpha2',
        'ClusterNetworkPolicy',
        { name: `cluster-${index}` },
        { spec: clusterSpec(index) },
      )
    default:
      return kubernetesPolicy({ index, namespace, app, other })
  }
}

interface Names {
  index: number
  namespace: string
  app: string
  other: string
}

function kubernetesPolicy({ index, namespace, app, other }: Names): KubernetesObject {
  const peers: Body[] = [
    { podSelector: { matchLabels: { app: other } } },
    {
      namespaceSelector: { matchLabels: { team: `t${index % 10}` } },
      podSelector: { matchLabels: { role: 'api' } },
    },
  ]
  if (index % 5 === 0)
    peers.push({ ipBlock: { cidr: `10.0.${index % 8}.0/24`, except: [`10.0.${index % 8}.0/28`] } })
  const ports = [{ port: 8000 + (index % 5) }, { port: portNames[index % 3] }, { port: 9000, endPort: 9100 }]
  const spec = {
    podSelector: { matchLabels: { app } },
    policyTypes: index % 3 === 0 ? ['Ingress', 'Egress'] : ['Ingress'],
    ingress: [{ from: peers, ports }],
    egress: index % 3 === 0 ? [{ to: peers, ports }] : undefined,
  }
  return make('networking.k8s.io/v1', 'NetworkPolicy', { name: `k-${index}`, namespace }, { spec })
}

function calicoPolicy({ index, namespace, app, other }: Names): KubernetesObject {
  const spec = {
    order: index,
    selector: `app == '${app}' || role == 'db'`,
    types: ['Ingress', 'Egress'],
    ingress: [
      { action: 'Deny', protocol: 'TCP', source: { nets: [`10.0.${index % 8}.64/26`] } },
      {
        action: 'Allow',
        protocol: 'TCP',
        source: {
          selector: `app in { '${other}', '${app}' }`,
          namespaceSelector: `stage == '${stages[index % 3]}'`,
        },
        destination: { ports: [portNames[index % 3], 8000 + (index % 5)] },
      },
    ],
    egress: [
      { action: 'Deny', destination: { selector: `set == 's${index % 20}'` } },
      { action: 'Allow', destination: { notSelector: "role == 'db'" } },
    ],
  }
  return make('projectcalico.org/v3', 'NetworkPolicy', { name: `c-${index}`, namespace }, { spec })
}

function globalSpec(index: number): Body {
  return {
    order: index,
    namespaceSelector: `team == 't${index % 10}' && stage != 'dev'`,
    selector: `app == 'app-${index % appsPerNamespace}'`,
    types: ['Egress'],
    egress: [
      { action: 'Allow', protocol: 'UDP', destination: { ports: [53] } },
      { action: 'Allow', destination: { namespaceSelector: `team == 't${(index + 1) % 10}'` } },
      { action: 'Deny', destination: { notNets: [`10.${index % 3}.0.0/16`] } },
    ],
  }
}

function clusterSpec(index: number): Body {
  const pods = {
    namespaceSelector: { matchLabels: { team: `t${index % 10}` } },
    podSelector: { matchLabels: { role: 'db' } },
  }
  return {
    tier: index % 20 === 9 ? 'Admin' : 'Baseline',
    priority: index % 1000,
    subject: { pods },
    ingress: [
      { action: 'Pass', from: [{ namespaces: { matchLabels: { stage: stages[index % 3]! } } }] },
      {
        action: 'Deny',
        from: [{ namespaces: {} }],
        protocols: [{ tcp: { destinationPort: { number: 8001 } } }],
      },
    ],
  }
}

function make(
  apiVersion: string,
  kind: string,
  metadata: KubernetesObject['metadata'],
  body: Body = {},
): KubernetesObject {
  return { apiVersion, kind, metadata, ...body }
}

function range(size: number): number[] {
  return Array.from({ length: size }, (_, index) => index)
}
