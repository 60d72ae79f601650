import { join } from 'node:path'
import { messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { after } from '../after.ts'
import { isApiError, resources } from '../api-client/index.ts'
import { apiTime } from '../api-time.ts'
import { dnsAddress } from '../dns/index.ts'
import { lostContainers, type PodCheckpoint } from './checkpoint.ts'
import { ContainerHosts } from './container-hosts.ts'
import type { EvictablePod } from './eviction.ts'
import type { KubeletContext } from './kubelet-context.ts'
import type { PodCgroup } from './pod-cgroup.ts'
import { PodContainers } from './pod-containers.ts'
import { failureOf, isOver, type PodFailure, sandboxFailure, takenPort } from './pod-failure.ts'
import { PodFiles } from './pod-files.ts'
import { PodSandbox } from './pod-sandbox.ts'
import { PodSources } from './pod-sources.ts'
import { podStatus } from './pod-status.ts'
import { PodVolumes } from './pod-volumes.ts'
import { StatusWriter } from './status-writer.ts'
import type { StoragePaths } from './storage-usage.ts'
import { forbiddenSysctl } from './sysctls.ts'

const sandboxChanged = 'Pod sandbox changed, it will be killed and re-created.'

const noContainers = { containers: [], initContainers: [], ephemeralContainers: [] }

const firstRetryMs = 500
const lastRetryMs = 10_000

/** One pod on its node, from its first sight to the removal of its last trace. */
export class PodWorker implements EvictablePod {
  containers: PodContainers
  private readonly startTime: Date
  private readonly files: PodFiles
  private readonly sources: PodSources
  private readonly cgroup: PodCgroup
  private readonly hostname: string
  private starting: Promise<void>
  private readonly hosts: ContainerHosts
  private readonly writer: StatusWriter
  private readonly sandbox: PodSandbox
  private ending: Promise<void> | null = null
  /** Cuts short the wait before another attempt. */
  private endWaiting: () => void = () => undefined
  private graceMs = Number.POSITIVE_INFINITY
  private cancelDeadline: () => void = () => undefined
  private failure: PodFailure | null
  private isGone = false
  private isRejected = false
  private readonly volumes: PodVolumes

  constructor(
    private pod: KubernetesObject,
    private readonly context: KubeletContext,
    /** What another process has left of it. */
    found: PodCheckpoint | null = null,
  ) {
    const known = { ...pod, metadata: { ...pod.metadata } }
    this.startTime = new Date(found?.startTime ?? pod.status?.startTime ?? Date.now())
    this.failure = found?.failure ?? failureOf(pod)
    this.hostname = pod.spec.hostNetwork
      ? context.node.name
      : (pod.spec.hostname ?? pod.metadata.name).slice(0, 63).replace(/[-.]+$/, '')
    const directory = join(context.directory, 'pods', this.uid)
    const dnsServer = dnsAddress(context.node.families)
    const { hostname } = this
    this.files = new PodFiles({ pod: known, directory, node: context.nodeFiles, hostname, dnsServer })
    this.sources = new PodSources(known, context)
    this.cgroup = context.cgroups.of(pod)
    const { name, namespace } = pod.metadata
    this.writer = new StatusWriter({
      api: context.api,
      pod: { name, namespace },
      status: () => this.status(),
      log: context.log,
    })
    this.sandbox = new PodSandbox(pod, {
      context,
      files: this.files,
      sources: this.sources,
      cgroup: this.cgroup,
      hostname: this.hostname,
      changed: () => this.publish(),
      lost: () => {
        if (!this.ending) this.starting = this.replaceSandbox()
      },
    })
    this.hosts = new ContainerHosts({
      pod: known,
      context,
      files: this.files,
      sources: this.sources,
      cgroup: this.cgroup,
      hostname: this.hostname,
      podIps: () => this.sandbox.addresses,
      hasFailed: () => this.failure !== null,
      find: (name) => this.containers.find(name),
      markStarted: (worker) => this.containers.markStarted(worker),
      published: () => this.writer.written(),
      changed: () => this.publish(),
      event: (...event) => this.event(...event),
    })
    this.containers = new PodContainers(pod, this.hosts, { found: found?.containers })
    this.watchDeadline()
    this.volumes = new PodVolumes({
      known,
      files: this.files,
      sources: this.sources,
      addresses: () => this.sandbox.addresses,
      isInUse: () => this.sandbox.isReady && !this.ending,
      event: (...event) => this.event(...event),
    })
    this.starting = this.begin(found)
  }

  get uid(): string {
    return this.pod.metadata.uid!
  }

  /** Name of the sandbox's network namespace, while there is a sandbox. */
  get netns(): string | undefined {
    return this.sandbox.netns
  }

  /** Takes in a newer version of the pod. */
  update(pod: KubernetesObject): void {
    this.pod = pod
    this.containers.update(pod)
    this.volumes.relabel(pod)
    if (pod.metadata.deletionTimestamp) this.terminate((pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000)
  }

  /** An object that volumes and variables may be made of has changed. */
  async refreshVolumes(source: KubernetesObject): Promise<void> {
    if (source.metadata.namespace === this.pod.metadata.namespace) this.containers.lookAgain()
    await this.volumes.refresh(source)
  }

  /** The pod is no longer in the API. */
  vanished(): Promise<void> {
    this.isGone = true
    this.writer.stop()
    return this.terminate(0)
  }

  /** Ends the pod and removes it from the API; a shorter grace than before is taken over. */
  terminate(graceMs: number): Promise<void> {
    const isShorter = graceMs < this.graceMs
    this.graceMs = Math.min(graceMs, this.graceMs)
    if (this.ending && isShorter) void this.containers.stop(this.graceMs)
    this.ending ??= this.end()
    this.endWaiting()
    return this.ending
  }

  /** A pod that is new starts; one that another process has left is taken over, or what it was before is not forgotten. */
  private async begin(found: PodCheckpoint | null): Promise<void> {
    if (found) return this.goOn(found)
    const before = lostContainers(this.pod)
    if (before.every(({ record }) => record.containerId === '')) return this.start()
    this.containers = new PodContainers(this.pod, this.hosts, { found: before })
    if (!this.pod.metadata.deletionTimestamp && !isOver(this.pod)) return this.startAnew()
  }

  private async goOn(found: PodCheckpoint): Promise<void> {
    const sandbox = await this.sandbox.adopt(found)
    if (!sandbox && (this.failure || isOver(this.pod))) return
    await this.volumes.adopt()
    if (!sandbox) return this.startAnew()
    void this.containers.start(sandbox).then(() => this.publish())
  }

  /** The node has been down, and its sandboxes are gone. */
  private async startAnew(): Promise<void> {
    this.containers = new PodContainers(this.pod, this.hosts, { previous: this.containers })
    if (this.containers.isOver) return this.publish()
    this.event('Normal', 'SandboxChanged', sandboxChanged)
    await this.start()
  }

  /** Tries until the sandbox stands or the pod is ended: what is missing, such as a ConfigMap, may come. */
  private async start(): Promise<void> {
    const refusal = forbiddenSysctl(this.pod) ?? takenPort(this.pod, this.context.podsBeside(this.pod))
    if (refusal) return this.fail(refusal)
    for (let waitMs = firstRetryMs; !this.ending; waitMs = Math.min(waitMs * 2, lastRetryMs)) {
      try {
        const sandbox = await this.sandbox.start()
        // Init containers take their time, and an end need not wait for them.
        void this.containers.start(sandbox).then(() => this.publish())
        return
      } catch (error) {
        await this.onSandboxFailure(error)
        await new Promise<void>((resolve) => {
          this.endWaiting = resolve
          setTimeout(resolve, waitMs)
        })
      }
    }
  }

  /** Without its sandbox a pod's containers have lost the namespaces they share: all begins anew, with a new address. */
  private async replaceSandbox(): Promise<void> {
    this.event('Normal', 'SandboxChanged', sandboxChanged)
    await this.containers.stop(this.fullGraceMs)
    await this.sandbox.remove()
    if (this.ending) return
    if (this.pod.spec.restartPolicy !== 'Never') {
      this.containers = new PodContainers(this.pod, this.hosts, { previous: this.containers })
      await this.start()
    }
    this.publish()
  }

  private async onSandboxFailure(error: unknown): Promise<void> {
    const { reason, message } = sandboxFailure(error)
    this.event('Warning', reason, message)
    this.containers.blame(message)
    await this.sandbox.abandon()
  }

  /** The kubelet does not run the pod at all: there are no containers to tell of. */
  private fail(failure: PodFailure): void {
    this.failure = { ...failure, message: `Pod was rejected: ${failure.message}` }
    this.isRejected = true
    this.event('Warning', failure.reason, failure.message)
    this.publish()
  }

  private watchDeadline(): void {
    const { activeDeadlineSeconds } = this.pod.spec
    if (activeDeadlineSeconds === undefined) return
    const endsAt = this.startTime.getTime() + activeDeadlineSeconds * 1000
    this.cancelDeadline = after(endsAt - Date.now(), () => this.exceedDeadline())
  }

  private exceedDeadline(): void {
    if (!this.isEvictable) return
    const message = 'Pod was active on the node longer than the specified deadline'
    this.failure = { reason: 'DeadlineExceeded', message }
    this.publish()
    this.event('Normal', 'DeadlineExceeded', message)
    void this.containers.stop(this.fullGraceMs).then(() => this.publish())
  }

  /** What its spec gives it to end. */
  private get fullGraceMs(): number {
    return (this.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000
  }

  /** Whether it still runs, and has not failed. */
  get isEvictable(): boolean {
    const { main } = this.containers.records
    const isOver = main.every(({ state }) => 'terminated' in state)
    return this.sandbox.isReady && !this.ending && !this.failure && !isOver
  }

  /** Whether it has what it asks of its node: it was not refused, and has not ended. */
  get holdsNode(): boolean {
    return !this.isRejected && !isOver(this.pod)
  }

  get object(): KubernetesObject {
    return this.pod
  }

  storage(): StoragePaths {
    return { containers: this.containers.writtenTo(), volumes: this.files.emptyDirs() }
  }

  /** Ends the pod at once; what it wrote is gone, and it stays in the API as failed. */
  async evict(message: string): Promise<void> {
    this.failure = { reason: 'Evicted', message }
    this.event('Warning', 'Evicted', message)
    await this.containers.stop(0)
    await this.sandbox.remove()
    await this.files.remove()
    this.publish()
    await this.writer.written()
  }

  private async end(): Promise<void> {
    this.cancelDeadline()
    this.volumes.end()
    await this.starting
    await this.containers.stop(this.graceMs)
    await this.sandbox.remove()
    await this.writer.written()
    if (!this.isGone) await this.deleteFromApi()
    await this.files.remove()
    this.cgroup.remove()
    this.containers.removeLogs()
    this.context.checkpoints.remove(this.pod)
  }

  private async deleteFromApi(): Promise<void> {
    const { name, namespace } = this.pod.metadata
    this.isGone = true
    this.writer.stop()
    await this.context.api
      .delete(resources.pods, { name, namespace }, { gracePeriodSeconds: 0, uid: this.uid })
      .catch((error) => {
        if (!isApiError(error, 404) && !isApiError(error, 409))
          this.context.log(`deleting pod ${namespace}/${name}: ${messageOf(error)}`)
      })
  }

  /** Writes its status, which somebody else may have changed. */
  publish(): void {
    if (!this.isGone) this.context.checkpoints.write(this.checkpoint())
    this.writer.publish()
  }

  private checkpoint(): PodCheckpoint {
    const { pod, failure, containers, sandbox, context } = this
    const startTime = this.startTime.toISOString()
    return {
      ...{ node: context.node.name, pod, startTime, failure },
      ...{ ...sandbox.checkpoint, containers: containers.checkpoints },
    }
  }

  private status(): object {
    const { init, main, ephemeral } = this.containers.records
    const facts = {
      hostIps: this.context.node.addresses,
      podIps: this.sandbox.addresses,
      startTime: apiTime(this.startTime),
      sandboxReady: this.sandbox.isReady,
      containers: main,
      initContainers: init,
      ephemeralContainers: ephemeral,
      failure: this.failure,
    }
    return podStatus(this.pod, this.isRejected ? { ...facts, ...noContainers } : facts, new Date())
  }

  private event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    void this.context.events.write(this.pod, { type, reason, message })
  }
}
