import { join } from 'node:path'
import { messageOf } from '../../errors.ts'
import { command } from '../../kernel/index.ts'
import type { ContainerFields } from './container-request.ts'

export interface ProbeTarget {
  /** Path of the node's network namespace: probes come from the node, which no policy of the pod can bar. */
  netns: string
  address: string
  /** Ports of the container by their names. */
  namedPorts: Record<string, number>
  agentDirectory: string
  /** Runs a command in the container. */
  exec(words: string[], timeoutMs: number): Promise<{ exitCode: number; output: string }>
}

export interface ProbeResult {
  ok: boolean
  detail: string
}

/**
 * Runs a readiness probe until it is stopped: the first attempt at once (after initialDelaySeconds), then one every
 * periodSeconds. The first attempt takes a refused connection as "not yet" until timeoutSeconds are over, because a
 * server needs some milliseconds to listen. `onChange` hears when readiness changes, `onFailure` of each failure.
 */
export class ReadinessProbe {
  private timer: NodeJS.Timeout | undefined
  private stopped = false
  private ready = false
  private inRow = 0

  constructor(
    private readonly probe: ContainerFields,
    private readonly target: ProbeTarget,
    private readonly listener: { onChange(ready: boolean): void; onFailure(detail: string): void },
  ) {}

  start(): void {
    this.schedule((this.probe.initialDelaySeconds ?? 0) * 1000, true)
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
  }

  private schedule(delayMs: number, isFirst: boolean): void {
    if (this.stopped) return
    this.timer = setTimeout(() => void this.attempt(isFirst), delayMs)
  }

  private async attempt(isFirst: boolean): Promise<void> {
    const result = await runProbe(this.probe, this.target, isFirst)
    if (this.stopped) return
    this.take(result)
    this.schedule(Math.max(1, this.probe.periodSeconds ?? 10) * 1000, false)
  }

  private take({ ok, detail }: ProbeResult): void {
    if (!ok) this.listener.onFailure(detail)
    this.inRow = ok === this.ready ? 0 : this.inRow + 1
    const needed = ok ? (this.probe.successThreshold ?? 1) : (this.probe.failureThreshold ?? 3)
    if (ok === this.ready || this.inRow < needed) return
    this.ready = ok
    this.inRow = 0
    this.listener.onChange(ok)
  }
}

/** One attempt. */
export async function runProbe(
  probe: ContainerFields,
  target: ProbeTarget,
  isPatient: boolean,
): Promise<ProbeResult> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
  if (probe.exec) {
    const { exitCode, output } = await target.exec(probe.exec.command, timeoutMs)
    return { ok: exitCode === 0, detail: output.trim() || `exit code ${exitCode}` }
  }
  const action = probe.tcpSocket ?? probe.httpGet
  const port = target.namedPorts[action.port] ?? action.port
  const words = [
    probe.tcpSocket ? 'tcp' : 'http',
    action.host ?? target.address,
    port,
    timeoutMs,
    isPatient ? 1 : 0,
  ]
  if (probe.httpGet) words.push(action.path ?? '/')
  return check(words.map(String), target)
}

function check(words: string[], { netns, agentDirectory }: ProbeTarget): Promise<ProbeResult> {
  return command(['perl', join(agentDirectory, 'agnhost'), 'check', ...words], { netns }).then(
    () => ({ ok: true, detail: '' }),
    (error) => ({ ok: false, detail: messageOf(error.cause ?? error) }),
  )
}
