import { rm } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../errors.ts'
import { boundingCapabilities, lowestOomScoreAdj, netnsPath } from '../../kernel/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { after } from '../after.ts'
import { type Informer, isApiError, resources } from '../api-client/index.ts'
import { isReady } from '../ready-condition.ts'
import { allCapabilities, type Runtime } from '../runtime/index.ts'
import type { ContainerWorker } from './container-worker.ts'
import { EventWriter, type PodEvent } from './events.ts'
import type { EvictablePod, EvictingNode } from './eviction.ts'
import type { BeatingNode } from './heartbeat.ts'
import type { KubeletContext, KubeletOptions } from './kubelet-context.ts'
import { NodeFiles } from './node-files.ts'
import { renewLease } from './node-lease.ts'
import { imageList, nodeCapacity, nodeConditions, nodeLimits, nodeObject } from './node-object.ts'
import { NodeCgroups } from './pod-cgroup.ts'
import { claimDirectory } from './pod-sources.ts'
import { PodWorker } from './pod-worker.ts'
import type { ForwardedPod } from './port-forward/index.ts'
import type { QuietExec } from './probe.ts'

const evictionThresholdMet = {
  type: 'Warning',
  reason: 'EvictionThresholdMet',
  message: 'Attempting to reclaim ephemeral-storage',
} as const

/** In the kubelet's words (its node status). */
function rebooted(node: string, bootId: string): PodEvent {
  return {
    type: 'Warning',
    reason: 'Rebooted',
    message: `Node ${node} has been rebooted, boot id: ${bootId}`,
  }
}

function ready(node: string): PodEvent {
  return { type: 'Normal', reason: 'NodeReady', message: `Node ${node} status is now: NodeReady` }
}

/** Runs the pods that are bound to one node. */
export class Kubelet implements EvictingNode, BeatingNode {
  private readonly workers = new Map<string, PodWorker>()
  private readonly context: KubeletContext
  private pods: Informer | null = null
  private isUnderPressure = false
  /** Pods that another process has left running, until all of them are known. */
  private left: KubernetesObject[]

  get name(): string {
    return this.options.node.name
  }

  constructor(private readonly options: KubeletOptions) {
    const { api, node, runtime } = options
    this.left = options.found.filter((each) => each.node === node.name).map(({ pod }) => pod)
    this.context = {
      ...options,
      events: new EventWriter(api, options.node.name, options.log),
      configMaps: api.inform(resources.configMaps, ({ object }) => this.refreshVolumes(object)),
      secrets: api.inform(resources.secrets, ({ object }) => this.refreshVolumes(object)),
      claims: api.inform(resources.persistentVolumeClaims, ({ type, object }) => {
        const path = claimDirectory(options.directory, object)
        if (type === 'DELETED') void rm(path, { recursive: true, force: true })
      }),
      services: api.inform(resources.services),
      podsBeside: (pod) => this.podsBeside(pod),
      allocatable: nodeCapacity(options.directory),
      memoryBytes: totalmem(),
      lowestOomScoreAdj: lowestOomScoreAdj(),
      grantable: grantableCapabilities(),
      nodeFiles: new NodeFiles(join(options.directory, 'nodes', options.node.name)),
      cgroups: new NodeCgroups(options.cgroupParent, options.node.name),
      execQuietly: (id, words, timeoutMs) => execQuietly(runtime, id, words, timeoutMs),
    }
  }

  /** Registers the node and begins to run its pods; those that it finds running go on. */
  async start(): Promise<void> {
    const { api, node, runtime, found, rules } = this.options
    const { images } = runtime
    this.context.cgroups.begin(nodeLimits())
    await Promise.all([this.register(), rules])
    if (found.length === 0) await this.retireAddresses()
    images.on('added', () => {
      void this.patchStatus({ images: imageList(images.list()) }).catch((error) =>
        this.options.log(`images of node ${node.name}: ${messageOf(error)}`),
      )
    })
    const { configMaps, secrets, claims, services } = this.context
    await Promise.all([configMaps, secrets, claims, services].map((informer) => informer.synced))
    this.pods = api.inform(resources.pods, ({ type, object }) => {
      if (object.spec.nodeName !== node.name) return
      if (type === 'DELETED') this.vanished(object)
      else this.changed(object)
    })
    await this.pods.synced
    for (const { node: on, pod } of found) {
      if (on !== node.name || this.workers.has(pod.metadata.uid!)) continue
      // Deleted while nobody was there to see it.
      this.add(pod)
      this.vanished(pod)
    }
    this.left = []
  }

  private async retireAddresses(): Promise<void> {
    const { api, node, network } = this.options
    const { items } = await api.list(resources.pods)
    const known = items.filter(({ spec }) => spec.nodeName === node.name)
    network.retire(known.flatMap(({ status }) => (status?.podIPs ?? []).map(({ ip }: { ip: string }) => ip)))
  }

  private async register(): Promise<void> {
    const { api, node, runtime, bootId } = this.options
    const { allocatable: capacity } = this.context
    const object = nodeObject(node, { images: runtime.images.list(), capacity, bootId })
    const known = await api.create(resources.nodes, object).catch((error) => {
      if (!isApiError(error, 409)) throw error
      return api.get(resources.nodes, node.name)
    })
    const knownBootId = known.status?.nodeInfo?.bootID
    await this.patchStatus(object.status)
    if (knownBootId && knownBootId !== bootId)
      void this.context.events.writeOfNode(node.name, rebooted(node.name, bootId))
  }

  /** The container of a pod, if this node runs it. */
  find(namespace: string, pod: string, container: string): ContainerWorker | undefined {
    const object = this.pods?.get(pod, namespace)
    const worker = object && this.workers.get(object.metadata.uid!)
    return worker?.containers.find(container)
  }

  /** A pod of this node whose sandbox runs, as one forwards its ports. */
  findPod(namespace: string, name: string): ForwardedPod | undefined {
    const object = this.pods?.get(name, namespace)
    const uid = object?.metadata.uid ?? ''
    const netns = this.workers.get(uid)?.netns
    if (!netns) return undefined
    return { name, uid, netns: netnsPath(netns), agentDirectory: this.options.agentDirectory }
  }

  evictable(): EvictablePod[] {
    return [...this.workers.values()].filter((worker) => worker.isEvictable)
  }

  /** Says that the node lives, and what is true of it where that was given up: its pods are what they are, then, too. */
  async beat(): Promise<void> {
    const { api, node } = this.options
    const known = await api.get(resources.nodes, node.name).catch((error) => {
      // A node that somebody has deleted comes back with its next kubelet.
      if (!isApiError(error, 404)) throw error
    })
    if (!known) return
    if (!isReady(known)) {
      await this.patchStatus({ conditions: nodeConditions({ diskPressure: this.isUnderPressure }) })
      void this.context.events.writeOfNode(node.name, ready(node.name))
      for (const worker of this.workers.values()) worker.publish()
    }
    await renewLease(api, known)
  }

  async setDiskPressure(isUnder: boolean): Promise<void> {
    if (isUnder === this.isUnderPressure) return
    this.isUnderPressure = isUnder
    const { events, node } = this.context
    if (isUnder) void events.writeOfNode(node.name, evictionThresholdMet)
    await this.patchStatus({ conditions: nodeConditions({ diskPressure: isUnder }) })
  }

  stop(): void {
    this.pods?.stop()
    this.context.configMaps.stop()
    this.context.secrets.stop()
    this.context.claims.stop()
    this.context.services.stop()
  }

  private async patchStatus(status: object): Promise<void> {
    const { api, node } = this.options
    await api.patch(resources.nodes, { name: node.name }, { status }, 'status')
  }

  private changed(pod: KubernetesObject): void {
    const uid = pod.metadata.uid!
    const worker = this.workers.get(uid)
    if (worker) {
      worker.update(pod)
      return
    }
    this.add(pod)
  }

  private add(pod: KubernetesObject): void {
    const uid = pod.metadata.uid!
    const found = this.options.found.find(({ pod: left }) => left.metadata.uid === uid) ?? null
    const created = new PodWorker(pod, this.context, found)
    this.workers.set(uid, created)
    // What another process has left may be of an older version.
    if (found || pod.metadata.deletionTimestamp) created.update(pod)
  }

  private podsBeside({ metadata }: KubernetesObject): KubernetesObject[] {
    const taken = [...this.workers.values()].filter((worker) => worker.holdsNode).map(({ object }) => object)
    const waiting = this.left.filter((pod) => !this.workers.has(pod.metadata.uid!))
    return [...taken, ...waiting].filter((pod) => pod.metadata.uid !== metadata.uid)
  }

  /** Volumes follow the objects that they are made of. */
  private refreshVolumes(source: KubernetesObject): void {
    for (const worker of this.workers.values()) void worker.refreshVolumes(source)
  }

  private vanished({ metadata }: KubernetesObject): void {
    const worker = this.workers.get(metadata.uid!)
    if (!worker) return
    this.workers.delete(metadata.uid!)
    worker
      .vanished()
      .catch((error) => this.options.log(`removing pod ${metadata.namespace}/${metadata.name}: ${error}`))
  }
}

/** None that reaches beyond the pod's own namespaces, and none that this machine holds back from us. */
function grantableCapabilities(): Set<string> {
  const held = boundingCapabilities()
  return new Set(allCapabilities.filter((name) => held.has(name)))
}

async function execQuietly(
  runtime: Runtime,
  id: string,
  words: string[],
  timeoutMs: number,
): Promise<QuietExec> {
  const running = await runtime.exec(id, words, { stdin: false, tty: false })
  let output = ''
  for (const stream of [running.stdout, running.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < 10_000) output += text
    })
  }
  let isLate = false
  const cancel = after(timeoutMs, () => {
    isLate = true
    running.kill()
  })
  const exitCode = await running.ended
  cancel()
  return { exitCode, output, isLate }
}
