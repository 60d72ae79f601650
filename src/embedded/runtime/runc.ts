import { closeSync, existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { LabError } from '../../errors.ts'
import {
  command,
  openPipe,
  type PipeEnds,
  type PipeSource,
  type Spawner,
  type StartedProgram,
} from '../../kernel/index.ts'
import type { ProcessRef } from '../../process-ref.ts'
import { type ContainerSpec, ociConfig } from './bundle.ts'
import { killCommand } from './command-processes.ts'
import type { ExitStatus, ExitStatuses } from './exit-statuses.ts'
import type { Terminal, TerminalSource } from './terminal.ts'

/** Where runc keeps its state, inside the node agent's mount namespace: what `runc list` looks at there. */
export const runcRoot = '/run/runc'

export interface RunningContainer {
  id: string
  /** In the node agent's PID namespace. */
  pid: number
  exited: Promise<ExitStatus>
  /** Open where the container was asked to keep it so. */
  stdin: Socket | null
  /** Where it runs on a terminal. */
  terminal: Terminal | null
}

/** A container that another process has started. */
export interface FoundContainer {
  id: string
  process: ProcessRef
}

/** Standard output and error of a container or an exec, as they come; a terminal has one stream alone. */
export interface OutputStreams {
  stdout: Socket
  stderr: Socket | null
}

export interface ExecProcess extends OutputStreams {
  stdin: Socket | null
  terminal: Terminal | null
  /** Exit code; resolves once both streams have ended too. */
  ended: Promise<number>
  /** Kills the command and what it has started, if it still runs; on a terminal SIGHUP tells it that that is gone. */
  kill(): void
}

/** Pipes in a container's directory. */
const outputs = ['stdout', 'stderr']

/** Runs containers through runc; one call here is one start of runc. */
export class Runc {
  constructor(
    private readonly exits: ExitStatuses,
    private readonly pipes: PipeSource,
    private readonly terminals: TerminalSource,
    private readonly spawner: Spawner,
    /** Lets runc go on without cgroups. */
    private readonly withoutCgroups: boolean,
  ) {}

  /** Creates and starts a container from `spec`; its files go into `directory`. Throws what runc said. */
  async run(id: string, directory: string, spec: ContainerSpec): Promise<RunningContainer & OutputStreams> {
    await mkdir(directory, { recursive: true, mode: 0o755 })
    await writeFile(join(directory, 'config.json'), JSON.stringify(ociConfig(spec)))
    const pidFile = join(directory, 'pid')
    const words = ['run', '--detach', '--bundle', directory, '--pid-file', pidFile]
    if (spec.terminal) return { id, ...(await this.onTerminal(id, pidFile, [...words, id])) }
    const input = spec.stdin ? await this.pipes.open() : null
    const { program, stdout, stderr } = await this.start([...words, id], { input, keptIn: directory })
    const stdin = input && writer(input)
    if ((await program.ended) !== 0) throw await refusal(id, stderr)
    const pid = Number(readFileSync(pidFile, 'utf8'))
    return { id, pid, exited: this.exits.wait(pid), stdin, terminal: null, stdout, stderr }
  }

  /** Takes over a container with what it says from now on; what it read is at its end. `exited` is 255 where that is not known. */
  adopt({ id, process }: FoundContainer, directory: string): RunningContainer & Partial<OutputStreams> {
    const [stdout, stderr] = outputs.map((name) => join(directory, name)) as [string, string]
    const exited = this.exits.waitFor(process)
    // On a terminal it had neither, and has lost that.
    const streams = existsSync(stdout) ? { stdout: reopened(stdout), stderr: reopened(stderr) } : {}
    return { id, pid: process.pid, exited, stdin: null, terminal: null, ...streams }
  }

  /** Runs a command in a container as its user, with its environment. */
  async exec(id: string, words: string[], options: { stdin: boolean; tty: boolean }): Promise<ExecProcess> {
    if (options.tty) return this.execOnTerminal(id, words)
    const input = options.stdin ? await this.pipes.open() : null
    const { program, stdout, stderr } = await this.start(['exec', id, ...words], { input })
    const stdin = input && writer(input)
    let isOver = false
    void program.ended.then(() => {
      isOver = true
    })
    const ended = Promise.all([program.ended, closed(stdout), closed(stderr)]).then(([code]) => {
      stdin?.destroy()
      return code ?? 137
    })
    // While what it has left behind still speaks, its PID may be another's.
    const kill = () => void (isOver || killCommand(program.pid))
    return { stdin, terminal: null, stdout, stderr, ended, kill }
  }

  private async execOnTerminal(id: string, words: string[]): Promise<ExecProcess> {
    const directory = await mkdtemp(join(dirname(runcRoot), 'exec-'))
    const pidFile = join(directory, 'pid')
    try {
      const argv = ['exec', '--detach', '--tty', '--pid-file', pidFile, id, ...words]
      const { terminal, exited, ...streams } = await this.onTerminal(id, pidFile, argv)
      const ended = Promise.all([exited, closed(streams.stdout)]).then(([{ exitCode: code }]) => code)
      // What hangs on a terminal ends when it is hung up.
      return { ...streams, terminal, ended, kill: () => terminal!.hangUp() }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  /** Runs runc, which leaves a process behind on a terminal of its own. */
  private async onTerminal(id: string, pidFile: string, words: string[]) {
    const terminal = await this.terminals.open()
    const [command, ...rest] = words as [string, ...string[]]
    const { program, stderr } = await this.start(
      [command, '--console-socket', terminal.socketPath, ...rest],
      { input: null },
    )
    if ((await program.ended) !== 0) {
      terminal.hangUp()
      throw await refusal(id, stderr)
    }
    const pid = Number(readFileSync(pidFile, 'utf8'))
    const { stdin, stdout } = terminal
    return { pid, exited: this.exits.wait(pid), terminal, stdin, stdout, stderr: null }
  }

  /** Removes what runc remembers of a container; it has ended or is ended by this. */
  async delete(id: string): Promise<void> {
    await command(['runc', '--root', runcRoot, 'delete', '--force', id]).catch(() => '')
  }

  /** With `keptIn` what it starts can be heard by another process after this one. */
  private async start(
    words: string[],
    { input, keptIn }: { input: PipeEnds | null; keptIn?: string },
  ): Promise<{ program: StartedProgram; stdout: Socket; stderr: Socket }> {
    const paths = outputs.map((name) => (keptIn === undefined ? undefined : join(keptIn, name)))
    const [stdout, stderr] = [await this.pipes.open(paths[0]), await this.pipes.open(paths[1])]
    const mode = this.withoutCgroups ? ['--rootless', 'true'] : []
    const program = await this.spawner.start(['runc', '--root', runcRoot, ...mode, ...words], {
      stdin: input?.readFd ?? null,
      stdout: stdout.writeFd,
      stderr: stderr.writeFd,
      outlivesReader: keptIn !== undefined,
    })
    for (const fd of [stdout.writeFd, stderr.writeFd, ...(input ? [input.readFd] : [])]) closeSync(fd)
    return { program, stdout: reader(stdout), stderr: reader(stderr) }
  }
}

/** What runc said where there was nothing to run, or null: it ends with 255 then, as commands do, too. */
export function execRefusal(exitCode: number, stderr: string): string | null {
  const line = /^time="[^"]*" level=error msg="(exec failed: .*)"\n$/.exec(stderr)
  return exitCode === 255 && line ? `OCI runtime exec failed: ${line[1]!.replaceAll('\\"', '"')}` : null
}

function reader({ readFd }: PipeEnds): Socket {
  const socket = new Socket({ fd: readFd, readable: true, writable: false })
  // Then it is closed, which is what its readers wait for.
  return socket.on('error', () => {})
}

function reopened(path: string): Socket {
  const { readFd, writeFd } = openPipe(path)
  closeSync(writeFd)
  return reader({ readFd, writeFd })
}

function writer({ writeFd }: PipeEnds): Socket {
  const stdin = new Socket({ fd: writeFd, readable: false, writable: true })
  // Who reads it may end without having read everything.
  stdin.on('error', () => {})
  return stdin
}

/** Resolves once it has said everything, also where it had nothing to say and has closed before this was asked. */
function closed(stream: Socket): Promise<void> {
  return finished(stream, { writable: false }).catch(() => undefined)
}

async function refusal(id: string, stderr: Socket): Promise<LabError> {
  const said: Buffer[] = []
  for await (const chunk of stderr) said.push(chunk)
  const text = Buffer.concat(said).toString().trim()
  return new LabError({ code: 'command-failed', message: `runc could not start ${id}`, cause: text })
}
