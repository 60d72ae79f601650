import { formatCidr, parseCidrOrAddress } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { CanaryPlace } from './choices.ts'

/**
 * A kind of policy of which each node hears on a way of its own: that a change of one kind has arrived says nothing of
 * another. Of each the canary has an object that closes one of two ports of its listeners, never both.
 */
export interface CanaryKind {
  apiVersion: string
  kind: string
  ports: [number, number]
  /** `clients` are the addresses of those that are kept from the port. */
  object(place: CanaryPlace, closed: number, clients: string[]): KubernetesObject
}

/** Which of the two ports an object closes, in words that do not depend on its kind. */
export const closedPortAnnotation = 'ztlab.dev/closed-port'

/** Beside the canary's own kind, which is written in any case. */
export const canaryKinds: CanaryKind[] = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    ports: [8082, 8083],
    object: (place, closed) => ({
      ...object(place, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' }, closed),
      spec: {
        podSelector: { matchLabels: { role: 'listener' } },
        policyTypes: ['Ingress'],
        ingress: [{ ports: [portRange(1, closed - 1), portRange(closed + 1, 65_535)] }],
      },
    }),
  },
  {
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    ports: [8084, 8085],
    object: (place, closed) => ({
      ...object(
        place,
        { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy' },
        closed,
      ),
      spec: {
        tier: 'Admin',
        priority: 0,
        subject: {
          pods: {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': place.namespace } },
            podSelector: { matchLabels: { role: 'listener' } },
          },
        },
        ingress: [
          {
            name: 'closed',
            action: 'Deny',
            from: [{ namespaces: {} }],
            protocols: [{ tcp: { destinationPort: { number: closed } } }],
          },
        ],
      },
    }),
  },
  {
    apiVersion: 'projectcalico.org/v3',
    kind: 'GlobalNetworkPolicy',
    ports: [8086, 8087],
    object: (place, closed) => ({
      ...object(place, { apiVersion: 'projectcalico.org/v3', kind: 'GlobalNetworkPolicy' }, closed),
      spec: {
        tier: place.namespace,
        order: 2,
        namespaceSelector: `projectcalico.org/name == '${place.namespace}'`,
        selector: "role == 'listener'",
        types: ['Ingress'],
        ingress: [{ action: 'Deny', protocol: 'TCP', destination: { ports: [closed] } }],
      },
    }),
  },
  setKind('NetworkSet', [8088, 8089]),
  setKind('GlobalNetworkSet', [8090, 8091]),
]

export function kindsAmong(changed: Pick<KubernetesObject, 'apiVersion' | 'kind'>[]): CanaryKind[] {
  return canaryKinds.filter(({ apiVersion, kind }) =>
    changed.some((one) => one.apiVersion === apiVersion && one.kind === kind),
  )
}

/** The canary's object of each kind, whichever port it closes, and before there is a client. */
export function kindObjects(place: CanaryPlace, kinds: CanaryKind[]): KubernetesObject[] {
  return kinds.map((kind) => kind.object(place, kind.ports[0], []))
}

/** Rules of the canary's own policy: what a set holds may not reach the port that the set names. */
export function setRules(): object[] {
  return canaryKinds
    .filter(({ kind }) => kind.endsWith('NetworkSet'))
    .flatMap(({ kind, ports }) =>
      ports.map((port) => ({
        action: 'Deny',
        protocol: 'TCP',
        source: {
          selector: `ztlab-canary-closes == '${port}'`,
          ...(kind === 'GlobalNetworkSet' && { namespaceSelector: 'global()' }),
        },
        destination: { ports: [port] },
      })),
    )
}

/** Ports of kinds that stand in tiers after the canary's. */
export const laterPorts = canaryKinds
  .filter(({ apiVersion }) => apiVersion !== 'projectcalico.org/v3')
  .flatMap(({ ports }) => ports)

function setKind(kind: string, ports: [number, number]): CanaryKind {
  const apiVersion = 'projectcalico.org/v3'
  return {
    apiVersion,
    kind,
    ports,
    // Of the canary's own clients alone: whoever else it held would be a peer of others' rules, which select sets, too.
    object: (place, closed, clients) => {
      const set = object(place, { apiVersion, kind }, closed)
      const labels = { 'ztlab-canary-closes': String(closed) }
      return {
        ...set,
        metadata: { ...set.metadata, labels },
        spec: { nets: clients.map((address) => formatCidr(parseCidrOrAddress(address)!)) },
      }
    },
  }
}

function portRange(port: number, endPort: number): object {
  return { protocol: 'TCP', port, endPort }
}

/** Its name begins with the tier's, which Calico demands of policies and the others do not mind. */
function object(
  { namespace }: CanaryPlace,
  { apiVersion, kind }: Pick<CanaryKind, 'apiVersion' | 'kind'>,
  closed: number,
): KubernetesObject {
  const isWide = kind.startsWith('Global') || kind.startsWith('Cluster')
  const annotations = { [closedPortAnnotation]: String(closed) }
  return {
    apiVersion,
    kind,
    metadata: { name: `${namespace}.ports`, ...(!isWide && { namespace }), annotations },
  }
}
