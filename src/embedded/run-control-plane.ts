import { createWriteStream } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { exitCodes, messageOf } from '../errors.ts'
import { sweepCgroups } from '../kernel/index.ts'
import { refTo } from '../process-ref.ts'
import { servedTypes, startApiServer } from './api/index.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { startControllers } from './controllers/index.ts'
import { ipVersions } from './ip-families.ts'
import type { NodeAgentProcess } from './node-agent-process.ts'
import { NodesSupervisor } from './nodes-supervisor.ts'
import { waitUntilReady } from './readiness.ts'
import type { ClusterState, StateFiles } from './state.ts'

export interface RunOptions extends ControlPlaneOptions {
  files: StateFiles
  agent: NodeAgentProcess
  /** Starts another in its place. */
  startAgent(): NodeAgentProcess
}

/** Milliseconds from the start of this process to each stage. */
export type Timings = Record<string, number>

/** Only for what hangs: what fails says so at once. A machine that is busy or emulated takes a minute. */
const readyTimeoutMs = 120_000

/**
 * Serves the API and runs the controllers until the process is told to end. Resolves when the whole cluster is ready,
 * or with null when it was told to end before; rejects when the node agent fails until then.
 */
export async function runControlPlane(options: RunOptions): Promise<Timings | null> {
  const { name, files, agent, nodes } = options
  const families = ipVersions(options.ipFamilies)
  const say = logTo(files.controlPlaneLog)
  process.on('uncaughtException', (error) => {
    say(`fault: ${error.stack ?? messageOf(error)}`, () => process.exit(exitCodes.environment))
  })
  const timings: Timings = {}
  const reached = (stage: string) => {
    timings[stage] = Math.round(performance.now())
  }
  const { apiSocket, apiTlsSocket: tlsSocket, kubeletSocket } = files
  const server = await startApiServer({ name, apiSocket, tlsSocket, kubeletSocket, families, log: say })
  reached('serving')
  const controllers = await startControllers(
    { client: server.client, certificate: server.certificate, onType: server.onType, families, log: say },
    servedTypes(),
  )
  const quiet = () => controllers.idle()
  server.setQuiet(quiet)
  const state = newState(options, server.port)
  await Promise.all([writePrivate(files.kubeconfig, server.kubeconfig), writeState(files, state)])
  const supervisor = new NodesSupervisor({
    first: agent,
    start: options.startAgent,
    clear: () => clearCgroups(name),
    async up(started) {
      state.nodeAgent = refTo(started.init())
      await writeState(files, state)
    },
    log: say,
  })
  const lifetime = endInOrder(options, say, async () => {
    await supervisor.stop()
    controllers.stop()
    await server.close()
  })

  const untilReady = async () => {
    await agent.ready
    reached('nodeAgent')
    const client = server.client('readiness')
    const cluster = waitUntilReady({
      client,
      kubeletSocket,
      nodes,
      timeoutMs: readyTimeoutMs,
      quiet,
      reached,
    })
    await Promise.race([cluster, agent.failed])
  }
  // Whoever ends a cluster before it is ready hears no failure of it.
  if ((await Promise.race([untilReady(), lifetime])) === 'ending') return null
  state.nodeAgent = refTo(agent.init())
  state.ready = true
  await writeState(files, state)
  reached('ready')
  say(`ready: ${JSON.stringify(timings)}`)
  void supervisor.keepUp()
  return timings
}

type Say = (line: string, written?: () => void) => void

function logTo(path: string): Say {
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 })
  stream.on('error', () => undefined)
  return (line, written) => void stream.write(`${new Date().toISOString()} ${line}\n`, () => written?.())
}

/** As long as the kernel may take to end what lived in a cgroup. */
const clearTimeoutMs = 5_000

async function clearCgroups(name: string): Promise<void> {
  for (const until = performance.now() + clearTimeoutMs; sweepCgroups(name).length > 0; await sleep(50))
    if (performance.now() > until) return
}

/**
 * On SIGTERM, SIGINT or the parent's end: `close`, then every file of the cluster. Resolves when the process has been
 * told to end.
 */
function endInOrder(options: RunOptions, say: Say, close: () => Promise<void>): Promise<'ending'> {
  const { files, detached } = options
  let isEnding = false
  let begin: (value: 'ending') => void
  const ending = new Promise<'ending'>((resolve) => {
    begin = resolve
  })
  const end = async (why: string) => {
    if (isEnding) return
    isEnding = true
    begin('ending')
    say(`ending: ${why}`)
    await close()
    // The kernel reaps the namespaces, but never cgroups.
    sweepCgroups(options.name)
    await rm(files.directory, { recursive: true, force: true, maxRetries: 3 })
    process.exit(exitCodes.asExpected)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end(signal))
  if (detached) process.on('SIGHUP', () => undefined)
  else {
    const parentGone = () => void end('the parent has ended')
    process.stdin.on('end', parentGone).on('error', parentGone).resume()
  }
  return ending
}

function newState({ name, nodes, agent }: RunOptions, apiPort: number): ClusterState {
  return {
    apiVersion: 'ztlab.dev/v1',
    kind: 'EmbeddedCluster',
    name,
    createdAt: new Date().toISOString(),
    nodes: Array.from({ length: nodes }, (_each, index) => `node-${index + 1}`),
    controlPlane: refTo(process.pid)!,
    nodeAgent: null,
    apiPort,
    rootless: agent.rootless,
    ready: false,
  }
}

function writeState(files: StateFiles, state: ClusterState): Promise<void> {
  return writePrivate(files.cluster, `${JSON.stringify(state, null, 2)}\n`)
}

/** Whole or not at all, so that nobody reads half a file. */
async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
