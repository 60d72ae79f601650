import { isIP } from 'node:net'
import type { IpVersion } from '../../src/cidr.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { buildModel, evaluate, type Flow, type Model } from '../../src/policy/index.ts'
import type { Random } from '../support/random-policies/random.ts'
import { namespaces, randomCluster } from '../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../support/random-policies/random-policies.ts'
import type { FuzzCluster } from './fuzz-cluster.ts'
import type { Probe } from './probes.ts'
import { listeningPorts, runnableSlices, servicePorts } from './workloads.ts'

/** What surrounds the pods for one comparison. */
export interface PolicySet {
  /** Namespaces and ServiceAccounts with their labels, sets, endpoints, policies: what is written. */
  objects: KubernetesObject[]
  /** Labels of the running pods, by `namespace/pod`. */
  podLabels: Map<string, Record<string, string>>
}

/** A flow and the probe that asks for it. */
export interface Question {
  flow: Flow
  probe: Probe
}

/** What the running cluster has itself. */
const ofNodes = new Set(['Node', 'IPPool'])

/** How much of a set is asked. */
export interface Extent {
  /** Each costs an exec. */
  sources: number
  questionsPerSource: number
}

const wide: Extent = { sources: 6, questionsPerSource: 30 }

export function randomSet(random: Random, cluster: FuzzCluster): PolicySet {
  const around = randomCluster(random).filter(
    ({ kind }) => !ofNodes.has(kind) && (cluster.closesHosts || kind !== 'HostEndpoint'),
  )
  const pods = around.filter(({ kind }) => kind === 'Pod')
  const rest = around
    .filter(({ kind }) => kind !== 'Pod')
    .flatMap((object) =>
      object.kind === 'EndpointSlice' ? runnableSlices(object, cluster.families) : [object],
    )
  return {
    objects: cluster.relocated([...rest, ...randomPolicies(random).filter(isJudgedByFirstPacket)]),
    podLabels: new Map(
      pods.map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.labels ?? {}]),
    ),
  }
}

/** Answers to what an untracked policy allows are judged on their own. */
function isJudgedByFirstPacket({ spec }: KubernetesObject): boolean {
  return !spec.doNotTrack
}

/** What the engine makes of the set around the running pods. */
export function modelOf(cluster: FuzzCluster, { objects }: PolicySet): Model {
  const model = buildModel([...cluster.nodes, ...cluster.pods, ...objects])
  const invalid = model.unsupported.filter((text) => text.includes('not valid'))
  if (invalid.length > 0) throw new Error(`the generator made an invalid policy: ${invalid.join('; ')}`)
  return model
}

export function predict(model: Model, { flow }: Question): { verdict: 'allowed' | 'denied'; reason: string } {
  const { verdict, reason } = evaluate(model, flow)
  return { verdict, reason }
}

/** For some pods some questions about others: by address, by ping, through a Service or a node's port, to and from the nodes, by either family. */
export function randomQuestions(
  random: Random,
  cluster: FuzzCluster,
  { set, extent = wide }: { set: PolicySet; extent?: Extent },
): Question[] {
  const refs = cluster.pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
  const addressOf = (to: string, version: IpVersion) =>
    cluster.pods[refs.indexOf(to)]!.status.podIPs[version === 4 ? 0 : 1].ip as string
  const hosts = new Set(refs.filter((_, index) => cluster.pods[index]!.spec.hostNetwork))
  const sources = new Set(Array.from({ length: extent.sources }, () => random.pick(refs)))
  return [...sources].flatMap((from) => {
    // Without HostEndpoints there is no policy between the nodes themselves.
    const hasHosts = set.objects.some(({ kind }) => kind === 'HostEndpoint')
    const targets = refs.filter((to) => hasHosts || !(hosts.has(from) && hosts.has(to)))
    // Such policies see a Service's own address, and the engine does not.
    const early = hasHosts && set.objects.some(({ spec }) => spec?.preDNAT)
    return Array.from({ length: extent.questionsPerSource }, (): Question => {
      if (!hosts.has(from) && !early && random.chance(0.15))
        return throughService(random, { from, cluster, set })
      if (random.chance(0.15)) return throughNode(random, { from, cluster, set })
      const to = random.pick(targets)
      const kind = random.pick(['tcp', 'tcp', 'tcp', 'udp', 'udp', 'icmp'] as const)
      const port = kind === 'icmp' ? 0 : random.pick(listeningPorts)
      const ipVersion = randomVersion(random, cluster)
      const protocol =
        kind === 'icmp' && ipVersion === 6 ? 'ICMPv6' : (kind.toUpperCase() as 'TCP' | 'UDP' | 'ICMP')
      return {
        flow: { source: from, destination: to, protocol, port, ipVersion },
        probe: { from, kind, address: addressOf(to, ipVersion), port },
      }
    })
  })
}

function randomVersion(random: Random, { families }: FuzzCluster): IpVersion {
  const version = random.pick([4, 4, 6] as const)
  return families.includes(version) ? version : 4
}

interface Asker {
  from: string
  cluster: FuzzCluster
  set: PolicySet
}

function throughService(random: Random, { from, cluster, set }: Asker): Question {
  const { namespace, version, destination, protocol, port } = randomBackend(random, { cluster, set })
  return {
    flow: { source: from, destination, protocol, port, viaService: true },
    probe: {
      from,
      kind: protocol === 'TCP' ? 'tcp' : 'udp',
      address: cluster.serviceAddress(namespace, version),
      port: servicePorts[protocol],
    },
  }
}

function throughNode(random: Random, { from, cluster, set }: Asker): Question {
  const { namespace, version, destination, protocol, port } = randomBackend(random, { cluster, set })
  const { name, addresses } = random.pick(cluster.locations.nodes)
  const nodePort = { node: name, port: cluster.nodePort(namespace, protocol) }
  return {
    flow: { source: from, destination, protocol, port, nodePort },
    probe: {
      from,
      kind: protocol === 'TCP' ? 'tcp' : 'udp',
      address: addresses.find((address) => isIP(address) === version)!,
      port: nodePort.port,
    },
  }
}

/** Whoever is behind the Service of a namespace. */
function randomBackend(random: Random, { cluster, set }: Omit<Asker, 'from'>) {
  const namespace = random.pick(namespaces)
  const version = randomVersion(random, cluster)
  const slice = set.objects.find(
    ({ metadata, addressType }) => addressType === `IPv${version}` && metadata.namespace === namespace,
  )!
  const [{ protocol, port }] = slice.ports as [{ protocol: 'TCP' | 'UDP'; port: number }]
  return { namespace, version, destination: slice.endpoints[0].addresses[0] as string, protocol, port }
}
