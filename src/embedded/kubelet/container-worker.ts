import { messageOf } from '../../errors.ts'
import { oomKills } from '../../kernel/index.ts'
import { type ProcessRef, refTo } from '../../process-ref.ts'
import { apiTime } from '../api-time.ts'
import { BackOff, containerDelays } from '../back-off.ts'
import type {
  Container,
  ContainerRequest,
  ExitStatus,
  Image,
  PreparedContainer,
  Runtime,
  Sandbox,
} from '../runtime/index.ts'
import type { ContainerCheckpoint } from './checkpoint.ts'
import type { ContainerFields } from './container-fields.ts'
import { ContainerLogs } from './container-logs.ts'
import { durationText, runtimeMessage } from './container-messages.ts'
import { endedState, lostState, notStartedState, startErrorCode } from './container-state.ts'
import { ImagePull } from './image-pull.ts'
import { type ContainerRecord, newRecord } from './pod-status.ts'

export interface ContainerHost {
  runtime: Runtime
  /** `NAME_NAMESPACE(UID)`, as messages of the kubelet have it. */
  podId: string
  /** Whether a run that ended so is followed by another. */
  restarts(exitCode: number): boolean
  /** What the container is to be; throws `ContainerConfigError`. */
  request(prepared: PreparedContainer, image: Image): Promise<ContainerRequest>
  cgroupsPath(containerId: string): string | undefined
  /** Called after the record has changed. */
  changed(): void
  /** Called once the container runs, or is found running; what it returns is called when it has ended. */
  started(worker: ContainerWorker, isFound: boolean): () => void
  /** Runs the container's hook before it is told to end; resolves with the grace that is left. */
  beforeStop(worker: ContainerWorker, graceMs: number): Promise<number>
  /** Why a run ended, in its own words. */
  terminationMessage(worker: ContainerWorker, exitCode: number): Promise<string>
  event(type: 'Normal' | 'Warning', reason: string, message: string): void
}

/** As often as a kubelet looks again for what no change of an object tells of. */
const configRetryMs = 10_000

/** One container of a pod through all its runs: start, exit, back-off, start again. */
export class ContainerWorker {
  readonly record: ContainerRecord
  /** The run that goes on, if one does. */
  running: Container | null = null
  logs = new ContainerLogs()
  /** Resolves with the exit code of the run that no other follows; null where it was told to end before. */
  readonly finished: Promise<number | null>
  private finish!: (exitCode: number | null) => void
  private readonly backOff = new BackOff(containerDelays)
  private timer: NodeJS.Timeout | undefined
  /** Looks at once for what was missing, where something was. */
  lookAgain: () => void = () => undefined
  private stopping = false
  private isStarting = false
  private prepared: Promise<PreparedContainer> | null
  private pull: ImagePull
  private sandbox: Sandbox | null = null
  /** The process of the run that goes on. */
  private process: ProcessRef | null = null

  constructor(
    public spec: ContainerFields,
    readonly host: ContainerHost,
    /** What is known of it from before this process: it goes on from there. */
    private found: ContainerCheckpoint | null = null,
  ) {
    this.pull = this.newPull()
    const image = this.pull.find()
    if (found) this.logs.find(host.runtime, found.record)
    this.record = found?.record ?? newRecord(spec, image?.id ?? '')
    this.finished = new Promise((resolve) => {
      this.finish = resolve
    })
    // Its root file system is made while the sandbox starts.
    this.prepared = image && !found ? this.prepare(image) : null
  }

  /** What another process needs to go on from here. */
  get checkpoint(): ContainerCheckpoint {
    const { record, running } = this
    if (!running) return { record, run: this.found?.run ?? null }
    const { id, pid, startedAt, stopSignal } = running
    this.process ??= refTo(pid)
    const run = this.process && { id, process: this.process, startedAt: startedAt.toISOString(), stopSignal }
    return { record, run }
  }

  /** Takes the place of a worker whose sandbox is gone. */
  follow({ record, logs }: ContainerWorker): void {
    if ('terminated' in record.state) this.record.lastState = { terminated: record.state.terminated }
    else this.record.lastState = record.lastState
    this.record.restartCount = record.restartCount + ('terminated' in record.state ? 1 : 0)
    this.logs = logs
  }

  async start(sandbox: Sandbox): Promise<void> {
    this.sandbox = sandbox
    clearTimeout(this.timer)
    this.lookAgain = () => undefined
    if (this.found) {
      this.goOn(this.found)
      return
    }
    const image = await this.pull.image()
    if (!image || this.stopping) return
    this.record.imageId = image.id
    const preparing = this.prepared ?? this.prepare(image)
    this.prepared = null
    this.isStarting = true
    const { spec } = this
    let prepared: PreparedContainer | undefined
    try {
      prepared = await preparing
      if (this.stopping) return void (await this.host.runtime.remove(prepared.id))
      const request = await this.host.request(prepared, image)
      this.host.event('Normal', 'Created', `Created container: ${spec.name}`)
      this.onStarted(await this.host.runtime.start(prepared, sandbox, request))
      if (spec !== this.spec) void this.endRun(0)
    } catch (error) {
      if (prepared) void this.host.runtime.remove(prepared.id)
      this.onStartFailure(prepared?.id, error)
    } finally {
      this.isStarting = false
    }
  }

  /** What runs is taken over, what waited or has ended goes on as its restart policy says; back-off begins anew. */
  private goOn({ record, run }: ContainerCheckpoint): void {
    this.found = null
    if (run) {
      const { startedAt, stopSignal } = run
      const container = this.host.runtime.adopt(run, { startedAt: new Date(startedAt), stopSignal })
      this.logs.current = container.log
      this.process = run.process
      this.follows(container, true)
      return
    }
    record.state = lostState(record.state, record.containerId)
    if ('terminated' in record.state && !this.host.restarts(record.state.terminated.exitCode)) {
      this.finish(record.state.terminated.exitCode)
    } else {
      if ('terminated' in record.state) record.lastState = { terminated: record.state.terminated }
      if (record.containerId !== '') record.restartCount++
      void this.start(this.sandbox!)
    }
  }

  /** Resolves when it has ended for good. */
  async stop(graceMs: number): Promise<void> {
    const isFirst = !this.stopping
    this.stopping = true
    this.lookAgain = () => undefined
    clearTimeout(this.timer)
    this.pull.stop()
    if (this.found) this.goOn(this.found)
    if (this.running && isFirst) this.host.event('Normal', 'Killing', `Stopping container ${this.spec.name}`)
    if (this.running) await this.endRun(graceMs)
    else this.discardPrepared()
    this.finish(null)
  }

  /** Ends the run that goes on; its restart policy says what follows. */
  async kill(graceMs: number): Promise<void> {
    if (this.running) await this.endRun(graceMs)
  }

  /** A newer version of its spec, in which the image alone may differ: then it runs anew. */
  update(spec: ContainerFields, graceMs: number): void {
    if (spec.image === this.spec.image || this.stopping) return
    this.spec = spec
    this.record.image = spec.image
    this.pull.stop()
    this.pull = this.newPull()
    this.discardPrepared()
    if (this.running) {
      const message = `Container ${spec.name} definition changed, will be restarted`
      this.host.event('Normal', 'Killing', message)
      void this.endRun(graceMs)
    } else if (this.sandbox && !this.isStarting && 'waiting' in this.record.state) {
      void this.start(this.sandbox)
    }
  }

  private discardPrepared(): void {
    void this.prepared?.then((prepared) => this.host.runtime.remove(prepared.id)).catch(() => undefined)
    this.prepared = null
  }

  private newPull(): ImagePull {
    return new ImagePull(this.spec, {
      images: this.host.runtime.images,
      waiting: (reason, message) => {
        this.record.state = { waiting: { reason, message } }
        this.host.changed()
      },
      event: (...event) => this.host.event(...event),
    })
  }

  private async endRun(graceMs: number): Promise<void> {
    const run = this.running!
    const leftMs = graceMs > 0 ? await this.host.beforeStop(this, graceMs) : 0
    await this.host.runtime.stop(run, leftMs)
  }

  private prepare(image: Image): Promise<PreparedContainer> {
    const preparing = this.host.runtime.prepare(image)
    preparing.catch(() => undefined)
    return preparing
  }

  private onStarted(container: Container): void {
    this.logs.begin(container.log)
    this.record.containerId = container.id
    this.record.state = { running: { startedAt: apiTime(container.startedAt) } }
    this.host.event('Normal', 'Started', `Started container ${this.spec.name}`)
    this.follows(container, false)
  }

  private follows(container: Container, isFound: boolean): void {
    this.running = container
    const end = this.host.started(this, isFound)
    this.host.changed()
    void container.finished.then((status) => {
      end()
      void this.onExit(container, status)
    })
  }

  private async onExit(container: Container, status: ExitStatus): Promise<void> {
    this.running = null
    this.process = null
    this.record.ready = false
    this.record.started = false
    const message = await this.host.terminationMessage(this, status.exitCode)
    const isOutOfMemory = this.wasOutOfMemory(container, status)
    const terminated = endedState(container, status, { message, isOutOfMemory })
    this.record.state = { terminated }
    void this.host.runtime.remove(container.id)
    if (!this.stopping && this.host.restarts(status.exitCode)) {
      this.record.lastState = { terminated }
      this.restartAfter(this.backOff.next(status.finishedAt.getTime() - container.startedAt.getTime()))
    } else this.finish(status.exitCode)
    this.host.changed()
  }

  private wasOutOfMemory({ id }: Container, { signal }: ExitStatus): boolean {
    const path = this.host.cgroupsPath(id)
    return signal === 9 && path !== undefined && oomKills(path) > 0
  }

  private restartAfter(delayMs: number): void {
    const restart = () => {
      this.record.restartCount++
      void this.start(this.sandbox!)
    }
    if (delayMs === 0) return void restart()
    const [{ name }, { podId }] = [this.spec, this.host]
    const message = `back-off ${durationText(delayMs)} restarting failed container=${name} pod=${podId}`
    this.record.state = { waiting: { reason: 'CrashLoopBackOff', message } }
    this.host.event('Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${podId}`)
    this.timer = setTimeout(restart, delayMs)
  }

  private onStartFailure(id: string | undefined, error: unknown): void {
    if (typeof error === 'object' && error !== null && 'isContainerConfigError' in error)
      this.onConfigError(messageOf(error))
    else this.onStartError(id, runtimeMessage(error))
    this.host.changed()
  }

  /** What is missing may come: it is looked for again. */
  private onConfigError(message: string): void {
    this.record.state = { waiting: { reason: 'CreateContainerConfigError', message } }
    this.host.event('Warning', 'Failed', `Error: ${message}`)
    if (this.stopping) return
    this.lookAgain = () => void this.start(this.sandbox!)
    this.timer = setTimeout(this.lookAgain, configRetryMs)
  }

  private onStartError(id: string | undefined, message: string): void {
    const terminated = notStartedState(id ?? '', message)
    this.host.event('Warning', 'Failed', `Error: ${message}`)
    if (this.stopping || !this.host.restarts(startErrorCode)) {
      this.record.state = { terminated }
      this.finish(startErrorCode)
      return
    }
    this.record.lastState = { terminated }
    this.record.state = { waiting: { reason: 'RunContainerError', message } }
    this.restartAfter(this.backOff.next(0))
  }
}
