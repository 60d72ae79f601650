import { join } from 'node:path'
import { messageOf } from '../../errors.ts'
import { command } from '../../kernel/index.ts'
import { after } from '../after.ts'
import type { ContainerFields } from './container-fields.ts'

export interface ProbeTarget {
  /** Path of the node's network namespace: probes come from the node, which no policy of the pod can bar. */
  netns: string
  address: string
  /** Ports of the container by their names. */
  namedPorts: Record<string, number>
  agentDirectory: string
  /** Runs a command in the container. */
  exec(words: string[], timeoutMs: number): Promise<QuietExec>
}

/** A command that nobody watches. */
export interface QuietExec {
  exitCode: number
  output: string
  /** It was killed because its time was over. */
  isLate?: boolean
}

export interface ProbeResult {
  ok: boolean
  detail: string
}

/** What a probe decides, and what is taken to hold before it has: a started container is alive, but not yet ready. */
const before = { readiness: false, liveness: true, startup: null } as const

export type ProbeKind = keyof typeof before

export interface ProbeListener {
  /** The probe's verdict has changed: as often in a row as its threshold asks for. */
  onChange(ok: boolean): void
  onFailure(detail: string): void
}

/**
 * Probes a container until it is stopped: the first attempt at once (after initialDelaySeconds), then one every
 * periodSeconds. The first attempt takes a refused connection as "not yet" until timeoutSeconds are over, because a
 * server needs some milliseconds to listen.
 */
export class Probe {
  private cancel: () => void = () => undefined
  private stopped = false
  private holds: boolean | null
  private last: boolean | null = null
  private inRow = 0

  constructor(
    kind: ProbeKind,
    private readonly probe: ContainerFields,
    private readonly target: ProbeTarget,
    private readonly listener: ProbeListener,
  ) {
    this.holds = before[kind]
  }

  start(): void {
    this.schedule((this.probe.initialDelaySeconds ?? 0) * 1000, true)
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  private schedule(delayMs: number, isFirst: boolean): void {
    if (this.stopped) return
    this.cancel = after(delayMs, () => void this.attempt(isFirst))
  }

  private async attempt(isFirst: boolean): Promise<void> {
    const began = performance.now()
    const result = await runProbe(this.probe, this.target, isFirst)
    if (this.stopped) return
    this.take(result)
    // The period is from one beginning to the next, whatever an attempt takes.
    const periodMs = Math.max(1, this.probe.periodSeconds ?? 10) * 1000
    this.schedule(Math.max(0, periodMs - (performance.now() - began)), false)
  }

  private take({ ok, detail }: ProbeResult): void {
    if (!ok) this.listener.onFailure(detail)
    this.inRow = ok === this.last ? this.inRow + 1 : 1
    this.last = ok
    const needed = ok ? (this.probe.successThreshold ?? 1) : (this.probe.failureThreshold ?? 3)
    if (ok === this.holds || this.inRow < needed) return
    this.holds = ok
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
    const { command: words } = probe.exec
    const { exitCode, output, isLate } = await target.exec(words, timeoutMs)
    if (isLate)
      return {
        ok: false,
        detail: `command timed out: "${words.join(' ')}" timed out after ${timeoutMs / 1000}s`,
      }
    return { ok: exitCode === 0, detail: output.trim() || `exit code ${exitCode}` }
  }
  return act(probe, target, { timeoutMs, isPatient })
}

/** The tcpSocket, httpGet or grpc action of a probe or hook. */
export function act(
  { tcpSocket, httpGet, grpc }: ContainerFields,
  target: ProbeTarget,
  { timeoutMs, isPatient }: { timeoutMs: number; isPatient: boolean },
): Promise<ProbeResult> {
  const { host = target.address, port } = tcpSocket ?? httpGet ?? grpc
  const at = [host, target.namedPorts[port] ?? port, timeoutMs]
  const patience = isPatient ? 1 : 0
  if (tcpSocket) return check(['tcp', ...at, patience], target)
  if (grpc) return checkSecurely(['grpc', ...at, grpc.service ?? ''], target)
  const headers = (httpGet.httpHeaders ?? []).flatMap(({ name, value }: ContainerFields) => [name, value])
  const path = httpGet.path || '/'
  if (httpGet.scheme === 'HTTPS') return checkSecurely(['https', ...at, path, ...headers], target)
  return check(['http', ...at, patience, path, ...headers], target)
}

function check(words: (string | number)[], target: ProbeTarget): Promise<ProbeResult> {
  return runCheck(['perl', join(target.agentDirectory, 'agnhost'), 'check', ...words.map(String)], target)
}

/** TLS and HTTP/2 are Node's: dearer to start, and rarely asked for. */
function checkSecurely(words: (string | number)[], target: ProbeTarget): Promise<ProbeResult> {
  return runCheck([process.execPath, join(target.agentDirectory, 'probe.mjs'), ...words.map(String)], target)
}

function runCheck(argv: string[], { netns }: ProbeTarget): Promise<ProbeResult> {
  return command(argv, { netns }).then(
    () => ({ ok: true, detail: '' }),
    (error) => ({ ok: false, detail: messageOf(error.cause ?? error) }),
  )
}
