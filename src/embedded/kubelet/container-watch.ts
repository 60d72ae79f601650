import { after } from '../after.ts'
import type { ContainerFields } from './container-fields.ts'
import type { ContainerWorker } from './container-worker.ts'
import { act, Probe, type ProbeKind, type ProbeTarget } from './probe.ts'

export interface WatchOptions {
  worker: ContainerWorker
  /** It has run before this began: its start hook and, where it counts as started, its startup probe are behind it. */
  isFound: boolean
  target: ProbeTarget
  /** Resolves once the pod's rules are in force: no container is ready before. */
  inForce: Promise<void>
  graceMs: number
  changed(): void
  /** Called once the container counts as started: at once without a startup probe. */
  startedUp(): void
  event(type: 'Normal' | 'Warning', reason: string, message: string): void
}

const titles = { readiness: 'Readiness', liveness: 'Liveness', startup: 'Startup' }
/** How long a hook may take that belongs to no end. */
const hookTimeoutMs = 60_000

/** The probes and the start hook of one run of a container; `stop` ends them with the run. */
export class ContainerWatch {
  private readonly probes: Probe[] = []
  private isReady = false
  private stopped = false

  constructor(private readonly options: WatchOptions) {
    void this.begin()
  }

  stop(): void {
    this.stopped = true
    for (const probe of this.probes) probe.stop()
  }

  private async begin(): Promise<void> {
    const { isFound, worker } = this.options
    if (!isFound && !(await this.postStart())) return
    if ((isFound && worker.record.started) || !this.probe('startup', (ok) => this.onStartup(ok)))
      this.onStarted()
  }

  /** The hook runs beside the container, which counts as started only after it. */
  private async postStart(): Promise<boolean> {
    const hook = this.options.worker.spec.lifecycle?.postStart
    if (!hook) return true
    const failure = await runHook(hook, this.options.target, hookTimeoutMs)
    if (failure === null || this.stopped) return !this.stopped
    this.options.event('Warning', 'FailedPostStartHook', `PostStartHook failed: ${failure}`)
    this.kill('FailedPostStartHook')
    return false
  }

  private onStartup(ok: boolean): void {
    if (ok) this.onStarted()
    else this.kill('failed startup probe', this.graceOf('startup'))
  }

  private onStarted(): void {
    if (this.stopped) return
    const { worker, startedUp, changed } = this.options
    worker.record.started = true
    startedUp()
    if (!this.probe('readiness', (ok) => void this.become(ok))) void this.become(true)
    this.probe('liveness', (ok) => {
      if (!ok) this.kill('failed liveness probe', this.graceOf('liveness'))
    })
    changed()
  }

  /** Whether the container has a probe of that kind, which then runs. */
  private probe(kind: ProbeKind, onChange: (ok: boolean) => void): boolean {
    const { worker, target, event } = this.options
    const spec: ContainerFields | undefined = worker.spec[`${kind}Probe`]
    if (!spec || this.stopped) return spec !== undefined
    const probe = new Probe(kind, spec, target, {
      onChange: (ok) => {
        if (kind === 'startup') probe.stop()
        onChange(ok)
      },
      onFailure: (detail) => event('Warning', 'Unhealthy', `${titles[kind]} probe failed: ${detail}`),
    })
    this.probes.push(probe)
    probe.start()
    return true
  }

  private async become(ready: boolean): Promise<void> {
    const { worker, inForce, changed } = this.options
    this.isReady = ready
    await inForce
    if (this.stopped || this.isReady !== ready || worker.record.ready === ready) return
    worker.record.ready = ready && worker.running !== null
    changed()
  }

  /** A probe may give less or more time than the pod does. */
  private graceOf(kind: ProbeKind): number {
    const { worker, graceMs } = this.options
    const seconds = worker.spec[`${kind}Probe`]?.terminationGracePeriodSeconds
    return seconds === undefined ? graceMs : seconds * 1000
  }

  private kill(why: string, graceMs = this.options.graceMs): void {
    const { worker, event } = this.options
    this.stop()
    event('Normal', 'Killing', `Container ${worker.spec.name} ${why}, will be restarted`)
    void worker.kill(graceMs)
  }
}

/** Runs a lifecycle hook; null where it went well, else why not. */
export async function runHook(
  hook: ContainerFields,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<string | null> {
  if (hook.sleep) {
    await new Promise<void>((resolve) => after(Math.min(hook.sleep.seconds * 1000, timeoutMs), resolve))
    return null
  }
  if (hook.exec) {
    const { exitCode, output } = await target.exec(hook.exec.command, timeoutMs)
    return exitCode === 0 ? null : `exit code ${exitCode}: ${output.trim()}`
  }
  const { ok, detail } = await act(hook, target, { timeoutMs, isPatient: false })
  return ok ? null : detail
}
