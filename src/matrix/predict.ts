import { isIP } from 'node:net'
import type { IpVersion } from '../cidr.ts'
import type { NodePort } from '../policy/index.ts'
import type { ClusterView, PodView } from './cluster-view.ts'
import type { Edge, Protocol, Verdict } from './edge.ts'
import type { EndpointView } from './service-view.ts'
import { findTarget, shortName, type Target } from './targets.ts'

/** What the policy engine says of one connection, and why. */
export interface Decision {
  verdict: 'allowed' | 'denied'
  /** Names the policy and the rule that decided. */
  reason: string
  /** What each side's policies say, egress of the source first, also where the other side decided. */
  sides: string[]
}

/** The policy engine's door: `source` and `destination` are `namespace/pod` or an address. */
export type Decide = (flow: {
  source: string
  destination: string
  protocol: Protocol
  port: number
  viaService: boolean
  /** The port of a node that leads to the destination. */
  nodePort?: NodePort
  /** Of the packets; left out where both ends have but one. */
  ipVersion?: IpVersion
}) => Decision

/** A predicted cell; the verdict is null where the engine cannot know. */
export interface Prediction extends Edge {
  verdict: Verdict | null
  reason: string
  /** What each side's policies say of the connection, or of the DNS query that it fails by; empty if none was asked. */
  sides: string[]
}

/** Answers edges without sending a packet. */
export function predict(view: ClusterView, edges: Edge[], decide: Decide): Prediction[] {
  return edges.map((edge) => ({ ...edge, ...predictEdge(view, edge, decide) }))
}

type Answer = Pick<Prediction, 'verdict' | 'reason' | 'sides'>

function predictEdge(view: ClusterView, edge: Edge, decide: Decide): Answer {
  const source = view.pod(edge.from)
  if (!source?.running) return unknown(`${edge.from} is no running pod`)
  const target = findTarget(view, edge, source)
  if (typeof target === 'string') return unknown(target)
  if (target.byName && target.host === source.hostname) {
    return { verdict: 'allowed', reason: `${source.ref} finds its own name in its /etc/hosts`, sides: [] }
  }
  if (target.byName) {
    const resolution = predictResolution(view, source, { name: target.host, target, decide })
    if (target.resolutionOnly || resolution.verdict !== 'allowed') return resolution
  }
  return predictConnection(edge, { source, target, decide })
}

function predictConnection(
  edge: Edge,
  { source, target, decide }: { source: PodView; target: Target; decide: Decide },
): Answer {
  if (target.service && target.listeners.length === 0) {
    if (target.nodePort) return predictHollowNodePort(edge, { source, target, decide })
    if (!target.service.hasPort(edge.protocol, edge.port)) {
      return unknown(`the Service has no port ${edge.protocol}/${edge.port}`)
    }
    return { verdict: 'refused', reason: 'the Service has no ready endpoint', sides: [] }
  }
  const flows = target.known ? target.listeners : [{ address: target.host, port: edge.port, pod: null }]
  const answer = decideAll(flows, {
    source,
    protocol: edge.protocol,
    viaService: target.service !== null,
    nodePort: target.nodePort ?? undefined,
    decide,
  })
  if (target.known || answer.verdict !== 'allowed') return answer
  return unknown(`policies let it out (${answer.reason}); who answers there is not known`)
}

/** The node refuses what reaches it; on another node the source's own policies are asked before that. */
function predictHollowNodePort(
  edge: Edge,
  { source, target, decide }: { source: PodView; target: Target; decide: Decide },
): Answer {
  const refused: Answer = { verdict: 'refused', reason: 'the Service has no ready endpoint', sides: [] }
  if (source.node === target.nodePort!.node) return refused
  const node = [{ address: target.host, port: edge.port, pod: null }]
  const way = decideAll(node, { source, protocol: edge.protocol, viaService: false, decide })
  return way.verdict === 'dropped' ? way : refused
}

/** A resolution is a packet to the DNS pods by UDP, and then a name that exists. */
function predictResolution(
  view: ClusterView,
  source: PodView,
  { name, target, decide }: { name: string; target: Target; decide: Decide },
): Answer {
  const dns = view.service('kube-system', 'kube-dns')
  if (!source.dnsPolicy.startsWith('ClusterFirst') || !dns) {
    return unknown(`${source.ref} does not ask the cluster's DNS`)
  }
  const servers = dns.endpoints('UDP', 53)
  if (servers.length === 0)
    return { verdict: 'dns-failure', reason: 'kube-dns has no ready endpoint', sides: [] }
  const way = decideAll(servers, { source, protocol: 'UDP', viaService: true, decide })
  if (way.verdict === null) return way
  if (way.verdict !== 'allowed') {
    return { ...way, verdict: 'dns-failure', reason: `the DNS query is denied: ${way.reason}` }
  }
  return target.resolutionOnly || !target.service ? predictName(view, source, name) : way
}

function predictName(view: ClusterView, source: PodView, name: string): Answer {
  const [first = '', second, ...rest] = shortName(name).split('.')
  if (rest.length > 0) return unknown(`whether ${name} exists is not known`)
  const namespace = second ?? source.namespace
  if (view.service(namespace, first))
    return { verdict: 'allowed', reason: `Service ${namespace}/${first} exists`, sides: [] }
  if (second && !view.hasNamespace(second)) return unknown(`whether ${name} exists is not known`)
  return {
    verdict: 'dns-failure',
    sides: [],
    reason: `there is no Service ${first} in ${namespace}; a pod's name is not in DNS`,
  }
}

interface Question {
  source: PodView
  protocol: Protocol
  viaService: boolean
  nodePort?: NodePort
  decide: Decide
}

/** Where a Service has several endpoints, any may be picked: they must agree. */
function decideAll(
  endpoints: EndpointView[],
  { source, protocol, viaService, nodePort, decide }: Question,
): Answer {
  const decisions = endpoints.map(({ address, port, pod }) =>
    decide({
      source: source.ref,
      destination: pod ?? address,
      protocol,
      port,
      viaService,
      ...(nodePort && { nodePort }),
      ipVersion: isIP(address) as IpVersion,
    }),
  )
  const [first] = decisions
  if (!first) return unknown('nobody is behind it')
  if (decisions.some(({ verdict }) => verdict !== first.verdict)) {
    return unknown('its endpoints are not treated alike: it depends on which is picked')
  }
  const { verdict, reason, sides } = first
  return { verdict: verdict === 'allowed' ? 'allowed' : 'dropped', reason, sides }
}

function unknown(reason: string): Answer {
  return { verdict: null, reason, sides: [] }
}
