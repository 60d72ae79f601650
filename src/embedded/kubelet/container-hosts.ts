import { messageOf } from '../../errors.ts'
import { netnsPath } from '../../kernel/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Image, PreparedContainer } from '../runtime/index.ts'
import type { ContainerFields } from './container-fields.ts'
import { containerRequest, unappliedLimits, wantedCapabilities } from './container-request.ts'
import { ContainerWatch, runHook } from './container-watch.ts'
import type { ContainerHost, ContainerWorker } from './container-worker.ts'
import type { KubeletContext } from './kubelet-context.ts'
import type { PodCgroup } from './pod-cgroup.ts'
import { type ContainerRole, leastGraceMs, type PodContainersHost } from './pod-containers.ts'
import type { PodFiles } from './pod-files.ts'
import type { PodSources } from './pod-sources.ts'
import type { ProbeTarget } from './probe.ts'
import { serviceEnv } from './service-env.ts'

export interface ContainerHostsOptions {
  pod: KubernetesObject
  context: KubeletContext
  files: PodFiles
  sources: PodSources
  cgroup: PodCgroup
  hostname: string
  /** Known once the sandbox is attached, before any container asks. */
  podIps(): string[]
  /** The kubelet has ended the pod: nothing is started again. */
  hasFailed(): boolean
  find(container: string): ContainerWorker | undefined
  markStarted(worker: ContainerWorker): void
  /** Resolves with the revision of the status written last; null where none is being written. */
  published(): Promise<number | null>
  changed(): void
  event(type: 'Normal' | 'Warning', reason: string, message: string): void
}

/** What a pod's containers need of their pod and node. */
export class ContainerHosts implements PodContainersHost {
  constructor(private readonly options: ContainerHostsOptions) {}

  event(...event: Parameters<PodContainersHost['event']>): void {
    this.options.event(...event)
  }

  announced(spec: ContainerFields): void {
    const { cgroupParent, grantable } = this.options.context
    const unapplied = unappliedLimits(spec, cgroupParent.controllers)
    if (unapplied.length > 0) {
      const message = `limits (${unapplied.join(', ')}) of container ${spec.name} are not applied: ${cgroupParent.reason}`
      this.event('Warning', 'LimitsNotApplied', message)
    }
    const missing = wantedCapabilities(spec.securityContext ?? {}).filter((name) => !grantable.has(name))
    if (missing.length === 0) return
    const message = `container ${spec.name} runs without ${missing.join(', ')}: no container of this cluster has it`
    this.event('Warning', 'CapabilitiesNotGranted', message)
  }

  containerHost(spec: ContainerFields, role: ContainerRole): ContainerHost {
    const { name, namespace, uid } = this.options.pod.metadata
    return {
      runtime: this.options.context.runtime,
      podId: `${name}_${namespace}(${uid})`,
      restarts: (exitCode) => this.restarts(role, exitCode),
      cgroupsPath: (id) => this.options.cgroup.containerPath(id),
      request: (prepared, image) => this.request(spec, prepared, image),
      changed: () => this.options.changed(),
      started: (worker, isFound) => this.watch(worker, isFound),
      beforeStop: (worker, graceMs) => this.beforeStop(worker, graceMs),
      terminationMessage: ({ spec, logs }, exitCode) =>
        this.options.files.terminationMessage({ spec, log: logs.current }, exitCode),
      event: (...event) => this.options.event(...event),
    }
  }

  private restarts(role: ContainerRole, exitCode: number): boolean {
    if (this.options.hasFailed() || role === 'ephemeral') return false
    if (role === 'sidecar') return true
    const policy = this.options.pod.spec.restartPolicy ?? 'Always'
    if (role === 'init') return policy !== 'Never' && exitCode !== 0
    return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
  }

  private async request(
    spec: ContainerFields,
    { id, rootPath }: PreparedContainer,
    image: Image,
  ): ReturnType<ContainerHost['request']> {
    const { runtime, services, memoryBytes, lowestOomScoreAdj, grantable, cgroupParent } =
      this.options.context
    await this.options.files.prepareTermination(spec.name)
    return containerRequest(this.options.pod, spec, {
      image,
      rootPath,
      mounts: (env) => this.options.files.mounts(spec, env),
      serviceEnv: serviceEnv(this.options.pod, services.list()),
      sources: this.options.sources.forEnv(this.options.podIps()),
      hostname: this.options.hostname,
      cgroupsPath: this.options.cgroup.containerPath(id),
      cgroupVersion: cgroupParent.version,
      controllers: cgroupParent.controllers,
      mapsUserRange: runtime.mapsUserRange,
      memoryBytes,
      lowestOomScoreAdj,
      grantable,
      targetPid: this.options.find(spec.targetContainerName ?? '-')?.running?.pid,
    })
  }

  private watch(worker: ContainerWorker, isFound: boolean): () => void {
    const watch = new ContainerWatch({
      worker,
      isFound,
      target: this.probeTarget(worker),
      inForce: this.inForce(),
      graceMs: (this.options.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000,
      changed: () => this.options.changed(),
      startedUp: () => this.options.markStarted(worker),
      event: (...event) => this.options.event(...event),
    })
    return () => watch.stop()
  }

  private async beforeStop(worker: ContainerWorker, graceMs: number): Promise<number> {
    const hook = worker.spec.lifecycle?.preStop
    if (!hook) return graceMs
    const began = performance.now()
    const failure = await runHook(hook, this.probeTarget(worker), graceMs)
    if (failure !== null) this.options.event('Warning', 'FailedPreStopHook', `PreStopHook failed: ${failure}`)
    return Math.max(leastGraceMs, graceMs - (performance.now() - began))
  }

  private probeTarget(worker: ContainerWorker): ProbeTarget {
    const ports: { name?: string; containerPort: number }[] = worker.spec.ports ?? []
    return {
      netns: netnsPath(this.options.context.node.name),
      address: this.options.podIps()[0]!,
      namedPorts: Object.fromEntries(ports.map(({ name = '', containerPort }) => [name, containerPort])),
      agentDirectory: this.options.context.agentDirectory,
      exec: (words, timeoutMs) =>
        worker.running
          ? this.options.context.execQuietly(worker.running.id, words, timeoutMs)
          : Promise.resolve({ exitCode: 1, output: 'the container does not run' }),
    }
  }

  /** Resolves once felix enforces what the pod's address brings with it. */
  private async inForce(): Promise<void> {
    const revision = (await this.options.published()) ?? this.options.context.api.revision
    await this.options.context.inForce(revision).catch((error) => {
      this.options.event(
        'Warning',
        'PolicyNotProgrammed',
        `the pod's rules are not in force: ${messageOf(error)}`,
      )
    })
  }
}
