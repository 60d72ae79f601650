import type { IpVersion } from '../../src/cidr.ts'
import { type Cluster, selectBackend } from '../../src/cluster/index.ts'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { probeScript } from '../../src/matrix/probe-script.ts'
import type { Random } from '../support/random-policies/random.ts'
import { namespaces, randomCluster } from '../support/random-policies/random-cluster.ts'
import { type Outcome, type Probe, probesOf, readOutcomes } from './probes.ts'
import { isPolicyOrSet, type Locations, relocate } from './relocate.ts'
import { runnable, serviceObjects } from './workloads.ts'

const silent = { step: <T>(_title: string, work: () => Promise<T>) => work(), note: () => {}, warn: () => {} }

const calico = 'projectcalico.org/v3'

/** A cluster whose pods stay, while labels, sets, endpoints and policies around them change. */
export class FuzzCluster {
  /** Everything but what `put` puts there. */
  private constructor(
    private readonly cluster: Cluster,
    private readonly kube: KubeClient,
    readonly locations: Locations,
    /** Whether HostEndpoints may close its nodes. */
    readonly closesHosts: boolean,
    /** Nodes and the pools of its pods, as the cluster says. */
    readonly nodes: KubernetesObject[],
    /** The pods as they run. */
    readonly pods: KubernetesObject[],
    /** The Services `svc`, by namespace. */
    private readonly services: Map<string, KubernetesObject>,
  ) {}

  /** Starts an embedded one; its pods' ports, nodes and accounts are random for as long as it lives. */
  static async start(name: string, random: Random): Promise<FuzzCluster> {
    const cluster = await (await selectBackend('embedded')).create(
      { name, nodes: 2, ipFamily: 'dual', detached: false },
      silent,
    )
    try {
      return await FuzzCluster.on(cluster, random, { closesHosts: true })
    } catch (error) {
      await cluster.close()
      throw error
    }
  }

  /**
   * Puts its pods on a cluster that is up, of at least two nodes. `close` closes that one, too. `closesHosts` makes
   * HostEndpoints for its nodes, which may cut off what a real cluster needs.
   */
  static async on(cluster: Cluster, random: Random, { closesHosts = false } = {}): Promise<FuzzCluster> {
    const kube = await connectKube(cluster.kubeconfig)
    const nodes = await kube.list('v1', 'Node')
    const nodeNames = nodes.map(({ metadata }) => metadata.name)
    const base = randomCluster(random)
      .filter(({ kind }) => ['Namespace', 'ServiceAccount', 'Pod'].includes(kind))
      .map((object) => runnable(object, nodeNames))
    await kube.apply([...base, ...serviceObjects()])
    await kube.waitReady(
      base.filter(({ kind }) => kind === 'Pod'),
      { timeoutMs: 120_000 },
    )
    const names = new Set(base.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))
    const pods = (await kube.list('v1', 'Pod')).filter(({ metadata }) =>
      names.has(`${metadata.namespace}/${metadata.name}`),
    )
    const services = (await kube.list('v1', 'Service')).filter(({ metadata }) => metadata.name === 'svc')
    // Datagrams of one set must not be taken for replies to those of the set before.
    await Promise.all(nodeNames.map((node) => forgetFast(cluster, node)))
    return new FuzzCluster(
      cluster,
      kube,
      locationsOf(pods, nodes),
      closesHosts,
      [
        ...nodes.map((node) => ({ ...node, apiVersion: 'v1', kind: 'Node' })),
        ...(await kube.list(calico, 'IPPool')).map((pool) => ({
          ...pool,
          apiVersion: calico,
          kind: 'IPPool',
        })),
      ],
      pods.map((pod) => ({ ...pod, apiVersion: 'v1', kind: 'Pod' })),
      new Map(services.map((service) => [service.metadata.namespace!, service])),
    )
  }

  /** Makes the cluster hold these objects besides its pods, and waits until it enforces them. */
  async put(before: KubernetesObject[], next: KubernetesObject[]): Promise<void> {
    const wanted = new Map(next.map((object) => [keyOf(object), JSON.stringify(object)]))
    const known = new Map(before.map((object) => [keyOf(object), JSON.stringify(object)]))
    const changed = next.filter((object) => known.get(keyOf(object)) !== wanted.get(keyOf(object)))
    // Of an object that stays, whatever had once been filled in would stay, too.
    const gone = before.filter(
      (object) =>
        !wanted.has(keyOf(object)) ||
        (isPolicyOrSet(object) && wanted.get(keyOf(object)) !== JSON.stringify(object)),
    )
    await this.kube.delete(gone)
    await this.kube.apply(changed)
    const { metadata } = JSON.parse(await this.kube.raw('/api/v1/namespaces')) as {
      metadata: { resourceVersion: string }
    }
    await this.cluster.settled(metadata.resourceVersion, { changed: [...gone, ...changed] })
  }

  /** Gives the running pods these labels. Returns them as they run now. */
  async relabel(labels: Map<string, Record<string, string>>): Promise<KubernetesObject[]> {
    return Promise.all(
      this.pods.map(async (pod) => {
        const { namespace, name, labels: old = {} } = pod.metadata
        const next = labels.get(`${namespace}/${name}`) ?? {}
        const cleared = Object.fromEntries(Object.keys(old).map((label) => [label, null]))
        await this.kube.raw(`/api/v1/namespaces/${namespace}/pods/${name}`, {
          method: 'PATCH',
          contentType: 'application/merge-patch+json',
          body: JSON.stringify({ metadata: { labels: { ...cleared, ...next } } }),
        })
        pod.metadata.labels = next
        return pod
      }),
    )
  }

  /** Sends the probes, one exec per source pod. The outcomes are in the order of the probes. */
  async measure(probes: Probe[], timeoutMs: number): Promise<Outcome[]> {
    const sources = [...new Set(probes.map(({ from }) => from))]
    const outcomes = new Map<Probe, Outcome>()
    await Promise.all(
      sources.map(async (source) => {
        const own = probes.filter(({ from }) => from === source)
        const [namespace, pod] = source.split('/') as [string, string]
        const { code, stdout, stderr } = await this.kube.exec({
          namespace,
          pod,
          command: ['sh', '-c', probeScript],
          stdin: probesOf(own, timeoutMs),
        })
        if (code !== 0) throw new Error(`probing from ${source} failed with ${code}: ${stderr}`)
        for (const [index, outcome] of readOutcomes(stdout, own.length).entries())
          outcomes.set(own[index]!, outcome)
      }),
    )
    return probes.map((probe) => outcomes.get(probe)!)
  }

  /** The families in which its pods have addresses. */
  get families(): IpVersion[] {
    return this.serviceOf(namespaces[0]!).spec.clusterIPs.length > 1 ? [4, 6] : [4]
  }

  serviceAddress(namespace: string, version: IpVersion): string {
    return this.serviceOf(namespace).spec.clusterIPs[version === 4 ? 0 : 1]
  }

  /** The port of every node that leads to a port of a namespace's Service. */
  nodePort(namespace: string, protocol: 'TCP' | 'UDP'): number {
    const ports = this.serviceOf(namespace).spec.ports as { protocol: string; nodePort: number }[]
    return ports.find((port) => port.protocol === protocol)!.nodePort
  }

  private serviceOf(namespace: string): KubernetesObject {
    return this.services.get(namespace)!
  }

  relocated<Value>(value: Value): Value {
    return relocate(value, this.locations)
  }

  /** Takes away all that was put on a cluster that goes on without it. */
  async leave(objects: KubernetesObject[]): Promise<void> {
    const spaces = namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
    await this.kube.delete([...objects, ...spaces], { gracePeriodSeconds: 0, timeoutMs: 120_000 })
    this.kube.close()
  }

  async close(): Promise<void> {
    this.kube.close()
    await this.cluster.close()
  }
}

function locationsOf(pods: KubernetesObject[], nodes: KubernetesObject[]): Locations {
  const own = pods.filter(({ spec }) => !spec.hostNetwork)
  return {
    pods: Object.fromEntries(
      own.map(({ metadata, status }) => [
        `${metadata.namespace}/${metadata.name}`,
        status.podIPs.map(({ ip }: { ip: string }) => ip),
      ]),
    ),
    nodes: nodes.map(({ metadata, status }) => ({
      name: metadata.name,
      addresses: status.addresses
        .filter(({ type }: { type: string }) => type === 'InternalIP')
        .map(({ address }: { address: string }) => address),
    })),
  }
}

async function forgetFast(cluster: Cluster, node: string): Promise<void> {
  const script =
    'for name in udp_timeout udp_timeout_stream icmp_timeout; do echo 1 >/proc/sys/net/netfilter/nf_conntrack_$name; done'
  await cluster.runOnNode(node, ['sh', '-c', script])
}

function keyOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`
}
