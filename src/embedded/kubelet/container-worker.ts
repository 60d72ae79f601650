import { messageOf } from '../../errors.ts'
import { oomKills } from '../../kernel/index.ts'
import type {
  Container,
  ContainerLog,
  ContainerRequest,
  ExitStatus,
  Image,
  PreparedContainer,
  Runtime,
  Sandbox,
} from '../runtime/index.ts'
import { BackOff } from './back-off.ts'
import type { ContainerFields } from './container-request.ts'
import { apiTime, type ContainerRecord } from './pod-status.ts'

export interface ContainerHost {
  runtime: Runtime
  restartPolicy: string
  /** What the container is to be; throws `ContainerConfigError`. */
  request(id: string): ContainerRequest
  cgroupsPath(containerId: string): string | undefined
  /** Called after the record has changed. */
  changed(): void
  /** Called once the container runs; what it returns is called when it has ended. */
  started(worker: ContainerWorker): () => void
  event(type: 'Normal' | 'Warning', reason: string, message: string): void
}

/** One container of a pod through all its runs: start, exit, back-off, start again. */
export class ContainerWorker {
  readonly record: ContainerRecord
  /** The run that goes on, if one does. */
  running: Container | null = null
  log: ContainerLog | null = null
  previousLog: ContainerLog | null = null
  private readonly backOff = new BackOff()
  private timer: NodeJS.Timeout | undefined
  private stopping = false
  private prepared: Promise<PreparedContainer> | null
  private sandbox: Sandbox | null = null

  constructor(
    readonly spec: ContainerFields,
    private readonly image: Image,
    private readonly host: ContainerHost,
  ) {
    this.record = {
      name: spec.name,
      image: spec.image,
      imageId: image.name,
      containerId: '',
      state: { waiting: { reason: 'ContainerCreating' } },
      lastState: {},
      restartCount: 0,
      ready: false,
    }
    // Its root file system is made while the sandbox starts.
    this.prepared = this.prepare()
  }

  async start(sandbox: Sandbox): Promise<void> {
    this.sandbox = sandbox
    const preparing = this.prepared ?? this.prepare()
    this.prepared = null
    let prepared: PreparedContainer | undefined
    try {
      prepared = await preparing
      if (this.stopping) return void (await this.host.runtime.remove(prepared.id))
      const request = this.host.request(prepared.id)
      this.onStarted(await this.host.runtime.start(prepared, sandbox, request))
    } catch (error) {
      if (prepared) void this.host.runtime.remove(prepared.id)
      this.onStartFailure(error)
    }
  }

  /** Resolves when it has ended. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true
    clearTimeout(this.timer)
    if (this.running) await this.host.runtime.stop(this.running, graceMs)
    else void this.prepared?.then((prepared) => this.host.runtime.remove(prepared.id)).catch(() => undefined)
  }

  private prepare(): Promise<PreparedContainer> {
    const preparing = this.host.runtime.prepare(this.image)
    preparing.catch(() => undefined)
    return preparing
  }

  private onStarted(container: Container): void {
    this.running = container
    this.previousLog = this.log
    this.log = container.log
    this.record.containerId = container.id
    this.record.state = { running: { startedAt: apiTime(container.startedAt) } }
    const end = this.host.started(this)
    this.host.event('Normal', 'Started', `Started container ${this.spec.name}`)
    this.host.changed()
    void container.exited.then((status) => {
      end()
      this.onExit(container, status)
    })
  }

  private onExit(container: Container, status: ExitStatus): void {
    this.running = null
    this.record.ready = false
    const terminated = {
      exitCode: status.exitCode,
      reason:
        status.exitCode === 0 ? 'Completed' : this.wasOutOfMemory(container, status) ? 'OOMKilled' : 'Error',
      ...(status.signal ? { signal: status.signal } : {}),
      startedAt: apiTime(container.startedAt),
      finishedAt: apiTime(status.finishedAt),
      containerID: `runc://${container.id}`,
    }
    this.record.state = { terminated }
    void this.host.runtime.remove(container.id)
    if (!this.stopping && this.shouldRestart(status.exitCode)) {
      this.record.lastState = { terminated }
      this.restartAfter(this.backOff.next(status.finishedAt.getTime() - container.startedAt.getTime()))
    }
    this.host.changed()
  }

  private wasOutOfMemory({ id }: Container, { signal }: ExitStatus): boolean {
    const path = this.host.cgroupsPath(id)
    return signal === 9 && path !== undefined && oomKills(path) > 0
  }

  private shouldRestart(exitCode: number): boolean {
    return this.host.restartPolicy === 'Always' || (this.host.restartPolicy === 'OnFailure' && exitCode !== 0)
  }

  private restartAfter(delayMs: number): void {
    const restart = () => {
      this.record.restartCount++
      void this.start(this.sandbox!)
    }
    if (delayMs === 0) {
      restart()
      return
    }
    const message = `back-off ${delayMs / 1000}s restarting failed container=${this.spec.name}`
    this.record.state = { waiting: { reason: 'CrashLoopBackOff', message } }
    this.host.event('Warning', 'BackOff', `Back-off restarting failed container ${this.spec.name}`)
    this.timer = setTimeout(restart, delayMs)
  }

  private onStartFailure(error: unknown): void {
    const isConfig = typeof error === 'object' && error !== null && 'isContainerConfigError' in error
    const reason = isConfig ? 'CreateContainerConfigError' : 'RunContainerError'
    const cause =
      typeof error === 'object' && error !== null && 'cause' in error ? `: ${messageOf(error.cause)}` : ''
    const message = `${messageOf(error)}${cause}`
    this.record.state = { waiting: { reason, message } }
    this.host.event('Warning', 'Failed', `Error: ${message}`)
    this.host.changed()
    if (this.stopping) return
    this.timer = setTimeout(() => void this.start(this.sandbox!), Math.max(1000, this.backOff.next(0)))
  }
}
