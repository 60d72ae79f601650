import { join } from 'node:path'
import { messageOf } from '../../errors.ts'
import { netnsPath, removeCgroup } from '../../kernel/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isApiError, resources } from '../api-client/index.ts'
import type { PodAttachment } from '../network/index.ts'
import { findImage, knownImages, type Sandbox } from '../runtime/index.ts'
import { type ContainerFields, containerRequest, hasLimits } from './container-request.ts'
import { ContainerWorker } from './container-worker.ts'
import type { KubeletContext } from './kubelet.ts'
import { PodFiles } from './pod-files.ts'
import { apiTime, type ContainerRecord, podStatus, qosClass } from './pod-status.ts'
import { ReadinessProbe } from './readiness-probe.ts'
import { serviceEnv } from './service-env.ts'
import { StatusWriter } from './status-writer.ts'

const firstRetryMs = 500
const lastRetryMs = 10_000

/** One pod on its node, from its first sight to the removal of its last trace. */
export class PodWorker {
  readonly containers = new Map<string, ContainerWorker>()
  private readonly failed: ContainerRecord[] = []
  private readonly startTime = apiTime(new Date())
  private readonly files: PodFiles
  private readonly hostname: string
  private readonly starting: Promise<void>
  private attachment: PodAttachment | null = null
  private podIp: string | null = null
  private sandbox: Sandbox | null = null
  private ending: Promise<void> | null = null
  /** Cuts short the wait before another attempt. */
  private endWaiting: () => void = () => undefined
  private graceMs = Number.POSITIVE_INFINITY
  private readonly writer: StatusWriter
  private isGone = false

  constructor(
    private pod: KubernetesObject,
    private readonly context: KubeletContext,
  ) {
    this.hostname = pod.spec.hostNetwork
      ? context.node.name
      : (pod.spec.hostname ?? pod.metadata.name).slice(0, 63)
    this.files = new PodFiles({
      pod,
      directory: join(context.directory, 'pods', this.uid),
      hostname: this.hostname,
      configMaps: context.configMaps,
    })
    const { name, namespace } = pod.metadata
    this.writer = new StatusWriter({
      api: context.api,
      pod: { name, namespace },
      status: () => this.status(),
      log: context.log,
    })
    this.starting = this.start()
  }

  get uid(): string {
    return this.pod.metadata.uid!
  }

  /** Takes in a newer version of the pod. */
  update(pod: KubernetesObject): void {
    this.pod = pod
    if (pod.metadata.deletionTimestamp) this.terminate((pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000)
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
    if (this.ending && isShorter) void this.stopContainers()
    this.ending ??= this.end()
    this.endWaiting()
    return this.ending
  }

  /** Tries until the sandbox stands or the pod is ended: what is missing, such as a ConfigMap, may come. */
  private async start(): Promise<void> {
    this.createContainers()
    for (let waitMs = firstRetryMs; !this.ending; waitMs = Math.min(waitMs * 2, lastRetryMs)) {
      try {
        const sandbox = await this.startSandbox()
        await Promise.all([...this.containers.values()].map((container) => container.start(sandbox)))
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

  private async startSandbox(): Promise<Sandbox> {
    const { runtime } = this.context
    const id = runtime.newId()
    const netns = await this.attach(id)
    await this.files.write(this.podIp!)
    const cgroupsPath = this.cgroupsPath(id)
    this.sandbox = await runtime.runSandbox(id, { hostname: this.hostname, netns, cgroupsPath })
    return this.sandbox
  }

  private async onSandboxFailure(error: unknown): Promise<void> {
    const isConfig = typeof error === 'object' && error !== null && 'isContainerConfigError' in error
    const cause = typeof error === 'object' && error !== null && 'cause' in error && error.cause
    const message = `${messageOf(error)}${cause ? `: ${messageOf(cause)}` : ''}`
    this.event('Warning', isConfig ? 'FailedMount' : 'FailedCreatePodSandBox', message)
    for (const { record } of this.containers.values()) {
      record.state = { waiting: { reason: 'ContainerCreating', message } }
    }
    if (this.attachment) await this.context.network.detach(this.attachment)
    this.attachment = null
    this.podIp = null
    this.publish()
  }

  private createContainers(): void {
    for (const spec of this.pod.spec.containers as ContainerFields[]) {
      const image = findImage(spec.image)
      if (!image) {
        this.failed.push(this.withoutImage(spec))
        continue
      }
      if (image.standIn)
        this.event('Normal', 'StandInImage', `${spec.image} is a stand-in here: ${image.standIn}`)
      const { cgroupParent } = this.context
      if (cgroupParent.parent === null && hasLimits(spec)) {
        this.event(
          'Warning',
          'LimitsNotApplied',
          `limits of container ${spec.name} are not applied: ${cgroupParent.reason}`,
        )
      }
      this.containers.set(spec.name, new ContainerWorker(spec, image, this.containerHost(spec)))
    }
  }

  private withoutImage(spec: ContainerFields): ContainerRecord {
    const message = `image "${spec.image}" is not in the catalogue of this cluster, which has: ${knownImages().join(', ')}`
    this.event('Warning', 'Failed', `Failed to pull image "${spec.image}": ${message}`)
    return {
      name: spec.name,
      image: spec.image,
      imageId: '',
      containerId: '',
      state: { waiting: { reason: 'ErrImagePull', message } },
      lastState: {},
      restartCount: 0,
      ready: false,
    }
  }

  /** Name of the network namespace that the sandbox joins. */
  private async attach(sandboxId: string): Promise<string> {
    const { network, node } = this.context
    if (this.pod.spec.hostNetwork) {
      this.podIp = node.address
      this.publish()
      return node.name
    }
    const { namespace = 'default', name } = this.pod.metadata
    this.attachment = await network.attach({ namespace, name }, networkId(sandboxId))
    this.podIp = this.attachment.address
    // Published before the containers run, so that felix programs the pod's rules meanwhile.
    this.publish()
    return this.attachment.netns
  }

  private containerHost(spec: ContainerFields): ConstructorParameters<typeof ContainerWorker>[2] {
    const { runtime, services } = this.context
    return {
      runtime,
      restartPolicy: this.pod.spec.restartPolicy ?? 'Always',
      cgroupsPath: (id) => this.cgroupsPath(id),
      request: (id) =>
        containerRequest(this.pod, spec, {
          image: findImage(spec.image)!,
          mounts: this.files.mounts(spec),
          serviceEnv: serviceEnv(this.pod, services.list()),
          hostname: this.hostname,
          cgroupsPath: this.cgroupsPath(id),
          mapsUserRange: runtime.mapsUserRange,
        }),
      changed: () => this.publish(),
      started: (worker) => this.watchReadiness(worker),
      event: (type, reason, message) => this.event(type, reason, message),
    }
  }

  /** A container is ready once its probe says so, or at once without one; but not before the pod's rules are in force. */
  private watchReadiness(worker: ContainerWorker): () => void {
    const inForce = this.inForce()
    let wanted = false
    const become = async (ready: boolean) => {
      wanted = ready
      await inForce
      if (wanted !== ready || worker.record.ready === ready) return
      worker.record.ready = ready && worker.running !== null
      this.publish()
    }
    const { readinessProbe } = worker.spec
    if (!readinessProbe) {
      void become(true)
      return () => undefined
    }
    const probe = new ReadinessProbe(readinessProbe, this.probeTarget(worker), {
      onChange: (ready) => void become(ready),
      onFailure: (detail) => this.event('Warning', 'Unhealthy', `Readiness probe failed: ${detail}`),
    })
    probe.start()
    return () => probe.stop()
  }

  private probeTarget(worker: ContainerWorker): ConstructorParameters<typeof ReadinessProbe>[1] {
    const ports: { name?: string; containerPort: number }[] = worker.spec.ports ?? []
    return {
      netns: netnsPath(this.context.node.name),
      address: this.podIp!,
      namedPorts: Object.fromEntries(ports.map(({ name = '', containerPort }) => [name, containerPort])),
      agentDirectory: this.context.agentDirectory,
      exec: (words, timeoutMs) => this.context.execQuietly(worker.running!.id, words, timeoutMs),
    }
  }

  /** Resolves once felix enforces what the pod's address brings with it. */
  private async inForce(): Promise<void> {
    const revision = (await this.writer.written()) ?? this.context.api.revision
    await this.context.inForce(revision).catch((error) => {
      this.event('Warning', 'PolicyNotProgrammed', `the pod's rules are not in force: ${messageOf(error)}`)
    })
  }

  private async end(): Promise<void> {
    const { runtime, network } = this.context
    await this.starting
    await this.stopContainers()
    if (this.attachment) await network.detach(this.attachment)
    if (this.sandbox) await runtime.removeSandbox(this.sandbox)
    await this.writer.written()
    if (!this.isGone) await this.deleteFromApi()
    await this.files.remove()
    const cgroup = this.podCgroup()
    if (cgroup) removeCgroup(cgroup)
  }

  private async stopContainers(): Promise<void> {
    await Promise.all([...this.containers.values()].map((container) => container.stop(this.graceMs)))
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

  private publish(): void {
    this.writer.publish()
  }

  private status(): object {
    const containers = (this.pod.spec.containers as ContainerFields[]).map(
      ({ name }) => this.containers.get(name)?.record ?? this.failed.find((record) => record.name === name)!,
    )
    const facts = {
      hostIp: this.context.node.address,
      podIp: this.podIp,
      startTime: this.startTime,
      sandboxReady: this.sandbox !== null,
      containers,
    }
    return podStatus(this.pod, facts, new Date())
  }

  private cgroupsPath(containerId: string): string | undefined {
    const pod = this.podCgroup()
    return pod && `${pod}/${containerId}`
  }

  private podCgroup(): string | undefined {
    const { parent } = this.context.cgroupParent
    if (parent === null) return undefined
    const qos = { Guaranteed: '', Burstable: '/burstable', BestEffort: '/besteffort' }[qosClass(this.pod)]
    return `${parent}/kubepods${qos}/pod${this.uid}`
  }

  private event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    void this.context.events.write(this.pod, { type, reason, message })
  }
}

/** As CNI plugins are given: a UUID of the sandbox. */
function networkId(sandboxId: string): string {
  return [
    sandboxId.slice(0, 8),
    sandboxId.slice(8, 12),
    sandboxId.slice(12, 16),
    sandboxId.slice(16, 20),
    sandboxId.slice(20, 32),
  ].join('-')
}
