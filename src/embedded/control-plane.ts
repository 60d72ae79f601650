import { createWriteStream } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { exitCodes, isLabError, LabError, messageOf } from '../errors.ts'
import { startTimeOf } from '../process-ref.ts'
import { servedTypes, startApiServer } from './api/index.ts'
import { startControllers } from './controllers/index.ts'
import { startNodeAgent } from './node-agent-process.ts'
import { waitUntilReady } from './readiness.ts'
import { type ClusterState, type ProcessRef, type StateFiles, stateFiles } from './state.ts'

/**
 * The control plane of one embedded cluster: API server, controllers, scheduler, and the node agent as its child.
 * Prints one line of JSON when the cluster is ready or has failed. Ends with its parent (stdin at its end) unless
 * `--detached`, in order on SIGTERM, and with exit code 3 when the node agent dies.
 */
async function main(): Promise<void> {
  const options = parseOptions()
  const files = stateFiles(options.state)
  const log = createWriteStream(files.controlPlaneLog, { flags: 'a', mode: 0o600 })
  const say = (line: string) => void log.write(`${new Date().toISOString()} ${line}\n`)
  const timings: Record<string, number> = {}
  const reached = (stage: string) => {
    timings[stage] = Math.round(performance.now())
  }
  process.on('uncaughtException', (error) => {
    say(`fault: ${error.stack ?? messageOf(error)}`)
    void fail(files, error)
  })

  const server = await startApiServer({
    name: options.name,
    apiSocket: files.apiSocket,
    kubeletSocket: files.kubeletSocket,
    log: say,
  })
  const agent = startNodeAgent({ ...options, files, bundle: bundleOf('node-agent.js') })
  reached('serving')
  const controllers = await startControllers({ client: server.client, log: say }, servedTypes())
  server.setQuiet(() => controllers.idle())
  const state = newState(options, server.port, agent.rootless)
  await writePrivate(files.kubeconfig, server.kubeconfig)
  await writeState(files, state)

  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      say('stopping')
      await agent.stop()
      controllers.stop()
      await server.close()
      await rm(files.directory, { recursive: true, force: true })
      process.exit(exitCodes.asExpected)
    })()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  if (options.detached) process.on('SIGHUP', () => undefined)
  else process.stdin.on('end', stop).on('error', stop).resume()

  void agent.ended.then(async (how) => {
    if (stopping) return
    say(`the node agent ended: ${how}`)
    await writeState(files, { ...state, ready: false }).catch(() => undefined)
    // Before it was ready, its failure is reported with its own words.
    if (state.ready) process.exit(exitCodes.environment)
  })
  try {
    await agent.ready
    reached('nodeAgent')
    const quiet = () => controllers.idle()
    const client = server.client('readiness')
    await waitUntilReady({
      client,
      kubeletSocket: files.kubeletSocket,
      nodes: options.nodes,
      timeoutMs: 30_000,
      quiet,
      reached,
    })
    state.nodeAgent = refTo(agent.init())
    state.ready = true
    await writeState(files, state)
    reached('ready')
    say(`ready: ${JSON.stringify(timings)}`)
    process.stdout.write(`${JSON.stringify({ ready: true, timings })}\n`)
  } catch (error) {
    if (stopping) return
    say(`failed: ${messageOf(error)}`)
    await agent.stop()
    await fail(files, error)
  }
}

interface Options {
  name: string
  state: string
  nodes: number
  detached: boolean
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      name: { type: 'string' },
      state: { type: 'string' },
      nodes: { type: 'string', default: '2' },
      detached: { type: 'boolean', default: false },
    },
  })
  const { name, state, detached } = values
  const nodes = Number(values.nodes)
  if (!name || !state || !Number.isInteger(nodes) || nodes < 1) {
    throw new LabError({
      code: 'bad-input',
      message: 'usage: control-plane --name NAME --state DIR --nodes N [--detached]',
    })
  }
  return { name, state, nodes, detached }
}

function bundleOf(file: string): string {
  return join(dirname(fileURLToPath(import.meta.url)), file)
}

function newState({ name, nodes }: Options, apiPort: number, rootless: boolean): ClusterState {
  return {
    apiVersion: 'ztlab.dev/v1',
    kind: 'EmbeddedCluster',
    name,
    createdAt: new Date().toISOString(),
    nodes: Array.from({ length: nodes }, (_each, index) => `node-${index + 1}`),
    controlPlane: refTo(process.pid)!,
    nodeAgent: null,
    apiPort,
    rootless,
    ready: false,
  }
}

function refTo(pid: number | null): ProcessRef | null {
  const startTime = pid === null ? null : startTimeOf(pid)
  return pid === null || startTime === null ? null : { pid, startTime }
}

async function writeState(files: StateFiles, state: ClusterState): Promise<void> {
  await writePrivate(files.cluster, `${JSON.stringify(state, null, 2)}\n`)
}

/** Whole or not at all, so that nobody reads half a file. */
async function writePrivate(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

async function fail(files: StateFiles | null, error: unknown): Promise<void> {
  const { code, cause, hint } = isLabError(error)
    ? error
    : { code: 'cluster-failed', cause: undefined, hint: undefined }
  const reason = cause === undefined ? (files ? `see ${files.controlPlaneLog}` : undefined) : messageOf(cause)
  const line = { ready: false, error: { code, message: messageOf(error), cause: reason, hint } }
  // A pipe is written asynchronously: leave only when the line is out.
  await new Promise<void>((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()))
  process.exit(exitCodes.environment)
}

main().catch((error) => fail(null, error))
