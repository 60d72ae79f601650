import { isIP } from 'node:net'
import type { Abilities, Cluster } from '../cluster/index.ts'
import { LabError } from '../errors.ts'
import type { KubeClient } from '../kube/index.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { namesNear } from '../policy/index.ts'
import { hostPortRules } from './host-ports.ts'
import type { Inspection, RuleLine } from './inspection.ts'
import { type Link, vethPair } from './links.ts'
import { type NodeShell, nodeShell, type Shown } from './node-shell.ts'
import { iptablesRules, nftRules } from './rules.ts'
import { type Facts, linesOf, namespacesOf, sectionsOf } from './sections.ts'

export interface PodQuestion {
  cluster: Cluster
  kube: KubeClient
  /** `namespace/name`. */
  pod: string
}

/**
 * Follows a running pod down to what Linux knows of it. Throws `not-found`, or `unsupported` where the cluster has no
 * node shell or the pod no network of its own.
 */
export async function inspectPod({ cluster, kube, pod }: PodQuestion): Promise<Inspection> {
  if (!cluster.abilities.nodeShell) throw noShell(cluster)
  const object = await podObject(kube, pod)
  const node = nodeShell(cluster, object.spec.nodeName)
  const containers = await Promise.all(
    runningContainers(object, pod).map(async ({ name, id }) => ({ name, ...(await node.pidOf(id)) })),
  )
  const facts = await gather(node, containers[0]!.pid, { cluster, pod, object })
  return {
    pod,
    cluster: { name: cluster.name, backend: cluster.backend },
    node: object.spec.nodeName,
    address: object.status.podIP,
    containers: containers.map(({ name, pid }) => ({ name, pid })),
    namespaces: namespacesOf(facts.namespaces.text),
    veth: facts.veth,
    rules: facts.rules,
    cgroups: linesOf(facts.cgroups.text),
    sections: sectionsOf(facts, containers, node),
  }
}

/** Asks the node for everything, as much at once as does not build on another answer. */
async function gather(
  node: NodeShell,
  pid: number,
  { cluster, pod, object }: { cluster: Cluster; pod: string; object: KubernetesObject },
): Promise<Facts> {
  const podIps = podIpsOf(object)
  const inPod = (...argv: string[]) => node.show(['nsenter', '-t', String(pid), '-n', ...argv])
  const ways = Promise.all(
    podIps.map(async (address) => {
      const family = isIP(address) === 6 ? 6 : 4
      const [routes, nodeRoute] = await Promise.all([
        inPod('ip', ...(family === 6 ? ['-6'] : []), 'route'),
        node.show(['ip', 'route', 'get', address]),
      ])
      return { family, routes, nodeRoute } as const
    }),
  )
  const [podLinks, nodeLinks, addresses, namespaces, cgroups, table, hostPorts] = await Promise.all([
    inPod('ip', '-j', 'addr'),
    node.show(['ip', '-j', 'addr']),
    inPod('ip', '-br', 'addr'),
    node.show(['ls', '-l', `/proc/${pid}/ns`]),
    node.show(['cat', `/proc/${pid}/cgroup`]),
    ruleTable(node, cluster.abilities.dataplane),
    hostPortRules(node, object, podIps),
  ])
  const veth = vethPair(JSON.parse(podLinks.text) as Link[], JSON.parse(nodeLinks.text) as Link[], pod)
  const rules = table.read(table.text, veth.nodeInterface)
  return { addresses, ways: await ways, hostPorts, namespaces, cgroups, table, veth, rules }
}

function podIpsOf({ status }: KubernetesObject): string[] {
  const listed: { ip: string }[] = status.podIPs ?? [{ ip: status.podIP }]
  return listed.map(({ ip }) => ip)
}

interface RuleListing {
  argv: string[]
  read: (text: string, nodeInterface: string) => RuleLine[]
}

const inet: RuleListing = { argv: ['nft', 'list', 'table', 'inet', 'calico'], read: nftRules }
const ip: RuleListing = { argv: ['nft', 'list', 'table', 'ip', 'calico'], read: nftRules }
const iptables: RuleListing = { argv: ['iptables-save', '-c', '-t', 'filter'], read: iptablesRules }

/** How the rules of a dataplane are listed. Where it is not known: Calico's nftables mode has a table per family. */
const ruleListings: Record<Abilities['dataplane'], RuleListing[]> = {
  nft: [inet],
  iptables: [iptables],
  unknown: [inet, ip, iptables],
}

/** The first listing that shows chains of Calico's, else the last one that there is. */
async function ruleTable(
  node: NodeShell,
  dataplane: Abilities['dataplane'],
): Promise<Shown & Pick<RuleListing, 'read'>> {
  const listings = ruleListings[dataplane]
  if (listings.length === 1) return { ...(await node.show(listings[0]!.argv)), read: listings[0]!.read }
  let found = { text: '', command: node.line(listings.at(-1)!.argv), read: listings.at(-1)!.read }
  for (const { argv, read } of listings) {
    const shown = await node.tryToShow(argv)
    if (shown) found = { ...shown, read }
    if (shown && /\bcali-/.test(shown.text)) break
  }
  return found
}

async function podObject(kube: KubeClient, pod: string): Promise<KubernetesObject> {
  const [namespace, name, ...rest] = pod.split('/')
  if (!namespace || !name || rest.length > 0) {
    throw new LabError({
      code: 'bad-input',
      message: `${JSON.stringify(pod)} names no pod`,
      hint: 'ztlab inspect pod zero-trust-lab/client',
    })
  }
  const object = await kube.get('v1', 'Pod', name, namespace)
  if (object) return object
  const pods = await kube.list('v1', 'Pod')
  const near = namesNear(
    pod,
    pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  )
  throw new LabError({
    code: 'not-found',
    message: `there is no pod ${pod}`,
    cause: near.length > 0 ? `there are ${near.join(', ')}` : 'the cluster has no pods',
    hint: near.length > 0 ? `ztlab inspect pod ${near[0]}` : 'kubectl get pods -A',
  })
}

interface ContainerState {
  running?: object
  waiting?: { reason?: string }
  terminated?: { reason?: string; exitCode?: number }
}

function whyNotRunning({ waiting, terminated }: ContainerState = {}): string {
  if (terminated) return `${terminated.reason ?? 'ended'}, exit code ${terminated.exitCode}`
  return waiting?.reason ?? 'not started'
}

function runningContainers(object: KubernetesObject, pod: string): { name: string; id: string }[] {
  const statuses: { name: string; containerID?: string; state?: ContainerState }[] =
    object.status?.containerStatuses ?? []
  const running = statuses.filter(({ state, containerID }) => state?.running && containerID)
  if (running.length > 0) return running.map(({ name, containerID }) => ({ name, id: containerID! }))
  throw new LabError({
    code: 'not-found',
    message: `no container of ${pod} is running`,
    cause: [
      `the pod is ${object.status?.phase ?? 'Pending'}`,
      ...statuses.map(({ name, state }) => `${name}: ${whyNotRunning(state)}`),
    ].join('; '),
    hint: `kubectl describe pod ${object.metadata.name} -n ${object.metadata.namespace}`,
  })
}

function noShell(cluster: Cluster): LabError {
  return new LabError({
    code: 'unsupported',
    message: `commands cannot be run on the nodes of ${cluster.name}`,
    hint: 'ztlab doctor',
  })
}
