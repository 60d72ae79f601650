import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isSidecar } from '../../sidecar.ts'
import type { Sandbox } from '../runtime/index.ts'
import type { ContainerCheckpoint } from './checkpoint.ts'
import type { ContainerFields } from './container-fields.ts'
import { type ContainerHost, ContainerWorker } from './container-worker.ts'
import type { ContainerRecord } from './pod-status.ts'

/** What a kubelet gives a container at least to end, however long others took. */
export const leastGraceMs = 2_000

/** What a container is to its pod: what follows its end depends on it. */
export type ContainerRole = 'init' | 'sidecar' | 'main' | 'ephemeral'

export interface PodContainersHost {
  containerHost(spec: ContainerFields, role: ContainerRole): ContainerHost
  event(type: 'Normal' | 'Warning', reason: string, message: string): void
  /** Called when a container is known: what of it this node cannot do is told. */
  announced(spec: ContainerFields): void
}

/** What was before these containers. */
export interface Past {
  /** Containers of a sandbox that is gone: what they were is not forgotten. */
  previous?: PodContainers
  /** The same containers, which another process has left. */
  found?: ContainerCheckpoint[]
}

/** The containers of a pod, in the order in which they come and go. */
export class PodContainers {
  private readonly init: ContainerWorker[]
  private readonly main: ContainerWorker[]
  private readonly ephemeral: ContainerWorker[] = []
  private readonly startedUp = new Map<ContainerWorker, () => void>()
  private readonly whenStarted = new Map<ContainerWorker, Promise<void>>()
  private sandbox: Sandbox | null = null
  private graceMs = 0

  constructor(
    pod: KubernetesObject,
    private readonly host: PodContainersHost,
    private readonly past: Past = {},
  ) {
    this.ephemeral.push(...(past.previous?.ephemeral ?? []))
    this.init = ((pod.spec.initContainers ?? []) as ContainerFields[]).map((spec) =>
      this.create(spec, isSidecar(spec) ? 'sidecar' : 'init'),
    )
    this.main = (pod.spec.containers as ContainerFields[]).map((spec) => this.create(spec, 'main'))
    if (this.init.length > 0) for (const worker of [...this.main, ...this.init]) awaitInit(worker.record)
    this.update(pod)
  }

  get records(): { init: ContainerRecord[]; main: ContainerRecord[]; ephemeral: ContainerRecord[] } {
    const of = (workers: ContainerWorker[]) => workers.map(({ record }) => record)
    return { init: of(this.init), main: of(this.main), ephemeral: of(this.ephemeral) }
  }

  removeLogs(): void {
    for (const worker of this.all()) worker.logs.remove()
  }

  /** What another process needs to go on from here. */
  get checkpoints(): ContainerCheckpoint[] {
    return this.all().map((worker) => worker.checkpoint)
  }

  /** Something has come, or is another: containers that lack something look for it again. */
  lookAgain(): void {
    for (const worker of this.all()) worker.lookAgain()
  }

  /** Whether all of the pod's own containers have ended and none runs again. */
  get isOver(): boolean {
    return this.main.every(({ record, host }) => isOver(record, host))
  }

  /** A container by its name; the first of the pod's own where the name is empty. */
  find(name: string): ContainerWorker | undefined {
    if (!name) return this.main[0]
    return this.all().find(({ spec }) => spec.name === name)
  }

  /** Where those that run write what is not in a volume, by their names. */
  writtenTo(): Map<string, string> {
    const running = this.all().filter((worker) => worker.running)
    return new Map(running.map(({ spec, running }) => [spec.name, running!.writtenTo]))
  }

  /** Takes in a newer version of the pod: debug containers may have come, and images may be others. */
  update(pod: KubernetesObject): void {
    this.graceMs = (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000
    const { graceMs } = this
    for (const worker of [...this.main, ...this.init]) {
      const { name } = worker.spec
      const spec = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
        (each: ContainerFields) => each.name === name,
      )
      if (spec) worker.update(spec, graceMs)
    }
    for (const spec of (pod.spec.ephemeralContainers ?? []) as ContainerFields[]) {
      if (this.ephemeral.some((worker) => worker.spec.name === spec.name)) continue
      const worker = this.create(spec, 'ephemeral')
      this.ephemeral.push(worker)
      if (this.sandbox) void worker.start(this.sandbox)
    }
  }

  /** Starts init containers one after the other, then all the others. Resolves once those have been started. */
  async start(sandbox: Sandbox): Promise<void> {
    this.sandbox = sandbox
    for (const worker of this.ephemeral) void worker.start(sandbox)
    if (!(await this.runInit(sandbox))) return
    await Promise.all(this.main.map((worker) => worker.start(sandbox)))
    void Promise.all(this.main.map((worker) => worker.finished)).then(() => this.stopSidecars(this.graceMs))
  }

  /** Sidecars end after those whom they serve, the last one first: they have what is left of the pod's time. */
  async stop(graceMs: number): Promise<void> {
    const began = performance.now()
    const others = this.all().filter((worker) => !isSidecar(worker.spec))
    await Promise.all(others.map((worker) => worker.stop(graceMs)))
    await this.stopSidecars(graceMs, began)
  }

  /** A container counts as started, which may be what others wait for. */
  markStarted(worker: ContainerWorker): void {
    this.startedUp.get(worker)?.()
  }

  /** Every message that stands for a container's waiting for its sandbox. */
  blame(message: string): void {
    for (const { record } of this.main) record.state = { waiting: { reason: 'ContainerCreating', message } }
  }

  /** False where one failed for good or the pod is told to end. */
  private async runInit(sandbox: Sandbox): Promise<boolean> {
    for (const worker of this.init) {
      if (isSidecar(worker.spec)) {
        await worker.start(sandbox)
        const ended = worker.finished.then(() => 'ended')
        if ((await Promise.race([this.whenStarted.get(worker), ended])) === 'ended') return false
        continue
      }
      await worker.start(sandbox)
      if ((await worker.finished) !== 0) return false
    }
    for (const { record } of this.main) {
      if ('waiting' in record.state && record.state.waiting.reason === 'PodInitializing')
        record.state = { waiting: { reason: 'ContainerCreating' } }
    }
    return true
  }

  private async stopSidecars(graceMs: number, began = performance.now()): Promise<void> {
    for (const worker of this.init.filter(({ spec }) => isSidecar(spec)).toReversed()) {
      const leftMs = graceMs - (performance.now() - began)
      await worker.stop(graceMs === 0 ? 0 : Math.max(leastGraceMs, leftMs))
    }
  }

  private all(): ContainerWorker[] {
    return [...this.init, ...this.main, ...this.ephemeral]
  }

  private create(spec: ContainerFields, role: ContainerRole): ContainerWorker {
    const before = this.past.previous?.find(spec.name)
    const containerHost = this.host.containerHost(spec, role)
    if (before && role === 'main' && isOver(before.record, containerHost)) return before
    const found = this.past.found?.find(({ record }) => record.name === spec.name) ?? null
    if (!before && !found) this.host.announced(spec)
    const worker = new ContainerWorker(spec, containerHost, found)
    if (before) worker.follow(before)
    this.whenStarted.set(worker, new Promise((resolve) => this.startedUp.set(worker, resolve)))
    return worker
  }
}

/** Whether a container has ended and does not run again, whatever becomes of its sandbox. */
function isOver({ state }: ContainerRecord, { restarts }: ContainerHost): boolean {
  return 'terminated' in state && !restarts(state.terminated.exitCode)
}

function awaitInit(record: ContainerRecord): void {
  if ('waiting' in record.state && record.state.waiting.reason === 'ContainerCreating')
    record.state = { waiting: { reason: 'PodInitializing' } }
}
