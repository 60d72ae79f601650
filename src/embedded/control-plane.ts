import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { exitCodes, isLabError, LabError, messageOf } from '../errors.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { isIpFamilies } from './ip-families.ts'
import { startNodeAgent } from './node-agent-process.ts'
import { stateFiles } from './state.ts'

/**
 * The control plane of one embedded cluster: API server, controllers, scheduler, and the node agent as its child.
 * Prints one line of JSON when the cluster is ready or has failed. Ends with its parent (stdin at its end) unless
 * `--detached`, in order on SIGTERM, and with exit code 3 when the node agent ends before the cluster is ready; later it
 * starts another.
 */
async function main(): Promise<void> {
  const options = parseOptions()
  const files = stateFiles(options.state)
  // The node agent takes longest to start, and waits for the API socket: so it begins before the rest is loaded.
  const startAgent = () => startNodeAgent({ ...options, files, bundle: bundleOf('node-agent.js') })
  const agent = startAgent()
  try {
    const { runControlPlane } = await import('./run-control-plane.ts')
    const timings = await runControlPlane({ ...options, files, agent, startAgent })
    if (timings) await print({ ready: true, timings })
  } catch (error) {
    await agent.stop()
    throw withHint(error, files.controlPlaneLog)
  }
}

function parseOptions(): ControlPlaneOptions {
  const { values } = parseArgs({
    options: {
      name: { type: 'string' },
      state: { type: 'string' },
      nodes: { type: 'string', default: '2' },
      'ip-family': { type: 'string', default: 'ipv4' },
      detached: { type: 'boolean', default: false },
    },
  })
  const { name, state, detached, 'ip-family': ipFamilies } = values
  const nodes = Number(values.nodes)
  if (!name || !state || !Number.isInteger(nodes) || nodes < 1 || !isIpFamilies(ipFamilies)) {
    const message =
      'usage: control-plane --name NAME --state DIR --nodes N [--ip-family ipv4|ipv6|dual] [--detached]'
    throw new LabError({ code: 'bad-input', message })
  }
  return { name, state, nodes, ipFamilies, detached }
}

/** The bundles of one build lie beside each other; this code may be in a chunk of its own below them. */
function bundleOf(file: string): string {
  return join(dirname(process.argv[1] ?? fileURLToPath(import.meta.url)), file)
}

function withHint(error: unknown, logFile: string): LabError {
  if (isLabError(error)) return error
  return new LabError({ code: 'cluster-failed', message: messageOf(error), hint: `cat ${logFile}` })
}

/** Resolves when the line is out: a pipe is written asynchronously. */
function print(line: object): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(line)}\n`, () => resolve()))
}

main().catch(async (error) => {
  const { code, message, cause, hint } = withHint(error, '')
  await print({
    ready: false,
    error: {
      code,
      message,
      cause: cause === undefined ? undefined : messageOf(cause),
      hint: hint || undefined,
    },
  })
  process.exit(isLabError(error) ? error.exitCode : exitCodes.environment)
})
