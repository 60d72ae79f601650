import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { boundingCapabilities, netnsPath } from '../../kernel/index.ts'
import { after } from '../after.ts'
import { type ContainerSpec, defaultCapabilities } from './bundle.ts'
import { ContainerLog } from './container-log.ts'
import type { ExitStatus } from './exit-statuses.ts'
import type { Image, ImageStore, Layers } from './images/index.ts'
import { createRootFs, removeRootFs, writtenDirectory } from './root-fs.ts'
import type { ExecProcess, FoundContainer, OutputStreams, Runc, RunningContainer } from './runc.ts'

export interface RuntimeOptions {
  runc: Runc
  images: ImageStore
  layers: Layers
  /** Root file systems and bundles go here. */
  directory: string
  /** What containers say goes here, beside what they can fill up. */
  logDirectory: string
  inUserNamespace: boolean
  mapsUserRange: boolean
}

/** The container that holds a pod's namespaces. */
export interface Sandbox {
  id: string
  pid: number
  hostname: string
  /** Path of its network namespace. */
  network: string
  exited: Promise<ExitStatus>
}

/** What the kubelet decides about a sandbox. */
export interface SandboxRequest {
  hostname: string
  /** Name of its network namespace. */
  netns: string
  cgroupsPath?: string
  /** Its containers see each other's processes. */
  sharesProcesses?: boolean
  sharesNodeIpc?: boolean
  sysctls?: Record<string, string>
}

/** What the kubelet decides about a container; the rest follows from image and sandbox. */
export type ContainerRequest = Pick<
  ContainerSpec,
  | 'readonlyRoot'
  | 'args'
  | 'env'
  | 'cwd'
  | 'user'
  | 'capabilities'
  | 'noNewPrivileges'
  | 'privileged'
  | 'unmaskedProc'
  | 'mounts'
  | 'cgroupsPath'
  | 'resources'
  | 'seccomp'
  | 'stdin'
  | 'terminal'
  | 'oomScoreAdj'
> & {
  /** Asks it to end; SIGTERM where left out. */
  stopSignal?: string
  /** Whose processes it sees: its own, all of its sandbox, all of the node, or those of another container. */
  pid: 'own' | 'sandbox' | 'node' | { ofProcess: number }
}

export interface Container extends RunningContainer {
  log: ContainerLog
  /** As `exited`, once its log is complete; at the latest a moment after. */
  finished: Promise<ExitStatus>
  startedAt: Date
  stopSignal?: string
  /** Directory that holds what it has changed of its image. */
  writtenTo: string
}

/** A root file system made ready while the sandbox is still starting. */
export interface PreparedContainer {
  id: string
  directory: string
  rootPath: string
}

/** Sandboxes and containers of pods. */
export class Runtime {
  readonly mapsUserRange: boolean
  readonly images: ImageStore
  private readonly held = boundingCapabilities()
  /** Sandboxes that have ended and are not yet removed. */
  private readonly ended = new Set<string>()

  constructor(private readonly options: RuntimeOptions) {
    this.mapsUserRange = options.mapsUserRange
    mkdirSync(options.logDirectory, { recursive: true, mode: 0o700 })
    this.images = options.images
  }

  /** A new container ID, of the length that containerd's have. */
  newId(): string {
    return randomBytes(32).toString('hex')
  }

  async runSandbox(id: string, sandbox: SandboxRequest): Promise<Sandbox> {
    const network = netnsPath(sandbox.netns)
    const spec = this.sandboxSpec(network, sandbox)
    const { pid, exited, stdout, stderr } = await this.options.runc.run(id, this.directoryOf(id), spec)
    for (const stream of [stdout, stderr]) stream?.destroy()
    void exited.then(() => this.ended.add(id))
    return { id, pid, hostname: sandbox.hostname, network, exited }
  }

  /** Takes over a sandbox that another process has started; `exited` resolves at once where it has ended. */
  adoptSandbox(found: FoundContainer, sandbox: Pick<SandboxRequest, 'hostname' | 'netns'>): Sandbox {
    const { id } = found
    const { pid, exited, stdout, stderr } = this.options.runc.adopt(found, this.directoryOf(id))
    for (const stream of [stdout, stderr]) stream?.destroy()
    void exited.then(() => this.ended.add(id))
    return { id, pid, hostname: sandbox.hostname, network: netnsPath(sandbox.netns), exited }
  }

  async prepare(image: Image): Promise<PreparedContainer> {
    const id = this.newId()
    const directory = this.directoryOf(id)
    const rootPath = await createRootFs(directory, image.layers, this.options.inUserNamespace)
    return { id, directory, rootPath }
  }

  /** Starts a prepared container in the sandbox's network, IPC and UTS namespaces. */
  async start(prepared: PreparedContainer, sandbox: Sandbox, request: ContainerRequest): Promise<Container> {
    const { pid, stopSignal, ...rest } = request
    const spec: ContainerSpec = {
      ...rest,
      rootPath: prepared.rootPath,
      join: {
        network: sandbox.network,
        ipc: namespacePath(sandbox, 'ipc'),
        uts: namespacePath(sandbox, 'uts'),
        pid: pidNamespace(pid, sandbox),
      },
      mapsUserRange: this.mapsUserRange,
    }
    const running = await this.options.runc.run(prepared.id, prepared.directory, spec)
    const log = this.logOf(prepared.id)
    return containerOf(running, { log, directory: prepared.directory, startedAt: new Date(), stopSignal })
  }

  /** What a container of this or another process has said so far. */
  logOf(id: string): ContainerLog {
    return new ContainerLog(join(this.options.logDirectory, id))
  }

  /** Takes over a container that another process has started. */
  adopt(found: FoundContainer, run: Pick<Container, 'startedAt' | 'stopSignal'>): Container {
    const directory = this.directoryOf(found.id)
    const log = this.logOf(found.id)
    return containerOf(this.options.runc.adopt(found, directory), { ...run, log, directory })
  }

  /** Removes containers and sandboxes that are not known by their IDs: whoever began to make them is gone. */
  async removeOthers(known: Set<string>): Promise<void> {
    const names = await readdir(this.options.directory)
    const others = names.filter((name) => /^[0-9a-f]{64}$/.test(name) && !known.has(name))
    for (const id of others) this.logOf(id).remove()
    await Promise.all(others.map((id) => this.remove(id)))
  }

  exec(
    containerId: string,
    words: string[],
    options: { stdin: boolean; tty: boolean },
  ): Promise<ExecProcess> {
    return this.options.runc.exec(containerId, words, options)
  }

  /** SIGTERM or what its image asks for, and SIGKILL if the container has not ended after `graceMs`. */
  async stop(container: Container, graceMs: number): Promise<ExitStatus> {
    if (graceMs <= 0) signal(container.pid, 'SIGKILL')
    else signal(container.pid, container.stopSignal ?? 'SIGTERM')
    const cancel = after(graceMs, () => signal(container.pid, 'SIGKILL'))
    try {
      return await container.exited
    } finally {
      cancel()
    }
  }

  /** Removes an ended container and its files. */
  async remove(id: string): Promise<void> {
    await this.options.runc.delete(id)
    await removeRootFs(this.directoryOf(id))
  }

  async removeSandbox(sandbox: Sandbox): Promise<void> {
    // The PID of one that has ended may be another's by now.
    if (!this.ended.delete(sandbox.id)) signal(sandbox.pid, 'SIGKILL')
    await this.options.runc.delete(sandbox.id)
    void sandbox.exited.then(() => this.ended.delete(sandbox.id))
    await rm(this.directoryOf(sandbox.id), { recursive: true, force: true })
  }

  private directoryOf(id: string): string {
    return join(this.options.directory, id)
  }

  private sandboxSpec(network: string, sandbox: SandboxRequest): ContainerSpec {
    const { hostname, cgroupsPath, sharesProcesses, sharesNodeIpc, sysctls } = sandbox
    return {
      rootPath: this.options.layers.busybox,
      readonlyRoot: true,
      args: sharesProcesses ? reapAndSleep : sleep,
      env: { PATH: '/bin' },
      cwd: '/',
      user: { uid: 0, gid: 0, additionalGids: [] },
      capabilities: defaultCapabilities.filter((name) => this.held.has(name)),
      noNewPrivileges: true,
      privileged: false,
      join: { network, ...(sharesNodeIpc && { ipc: 'node' }) },
      sysctls,
      hostname,
      mounts: [],
      cgroupsPath,
      mapsUserRange: this.mapsUserRange,
    }
  }
}

function containerOf(
  { stdout, stderr, ...running }: RunningContainer & Partial<OutputStreams>,
  run: Pick<Container, 'log' | 'startedAt' | 'stopSignal'> & { directory: string },
): Container {
  const { directory, log, ...rest } = run
  if (stdout) log.follow(stdout, 'stdout')
  if (stderr) log.follow(stderr, 'stderr')
  const finished = running.exited.then((status) => log.whenEnded(lastWordsMs).then(() => status))
  return { ...running, ...rest, log, finished, writtenTo: writtenDirectory(directory) }
}

/** For what is still in its pipes, or in the program that carries its terminal. */
const lastWordsMs = 2_000

/** As long as sleep can: what the pause image of real nodes does. */
const sleep = ['/bin/sleep', '2147483647']
/** The first process of a shared PID namespace inherits orphans: a waiting shell reaps them. */
const reapAndSleep = ['/bin/sh', '-c', 'while :; do sleep 2147483647 & wait $!; done']

function pidNamespace(pid: ContainerRequest['pid'], sandbox: Sandbox): string | undefined {
  if (pid === 'own') return undefined
  if (pid === 'node') return 'node'
  return pid === 'sandbox' ? namespacePath(sandbox, 'pid') : `/proc/${pid.ofProcess}/ns/pid`
}

function namespacePath(sandbox: Sandbox, kind: string): string {
  return `/proc/${sandbox.pid}/ns/${kind}`
}

/** By its name or, as some images have it, by its number. */
function signal(pid: number, name: string): void {
  try {
    process.kill(pid, /^\d+$/.test(name) ? Number(name) : (name as NodeJS.Signals))
  } catch {
    // It has ended already.
  }
}
