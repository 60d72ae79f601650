import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exitCodes, isLabError, LabError, messageOf } from '../errors.ts'
import { applyNft, cgroupAccess, netnsPath, PipeSource, Spawner, useSpawner } from '../kernel/index.ts'
import { type ApiClient, connectApi, resources } from './api-client/index.ts'
import { installDns, startDns } from './dns/index.ts'
import { startFelix } from './felix/index.ts'
import { startHostPorts } from './host-ports/index.ts'
import { type IpFamilies, isIpFamilies } from './ip-families.ts'
import {
  Checkpoints,
  Kubelet,
  knownIds,
  startEviction,
  startHeartbeats,
  startKubeletServer,
} from './kubelet/index.ts'
import { agentDirectory, bootFile, isInUserNamespace } from './launch.ts'
import {
  createOutside,
  createUnderlay,
  linkedNodes,
  type NodeAddresses,
  nodeAddresses,
  PodNetwork,
  removeOtherNetworks,
  startApiRelay,
} from './network/index.ts'
import { ExitStatuses, ImageStore, prepareLayers, Runc, Runtime, TerminalSource } from './runtime/index.ts'
import { startServices } from './services/index.ts'
import { stateFiles } from './state.ts'

/** Where PID 1 of the namespace writes how containers ended. */
const exitStatusFd = 3
/** Gone with the namespaces, and not where pods write. */
const checkpointDirectory = '/run/kubelet'
const logDirectory = '/run/container-logs'

/**
 * The node agent of one embedded cluster: every node's kubelet, network, Service rules, host ports and felix. Runs inside
 * namespaces of its own, as PID 1's child (see `nodeAgentCommand`). Prints one line of JSON once all nodes are
 * registered, or why not (exit code 3). Ends when its standard input does. One that is started after another that was
 * killed takes over what that one has left running.
 */
async function main(): Promise<void> {
  const options = parseOptions()
  const files = stateFiles(options.state)
  const log = (line: string) => void process.stderr.write(`${new Date().toISOString()} ${line}\n`)
  process.stdin
    .on('end', () => process.exit(0))
    .on('error', () => process.exit(0))
    .resume()
  process.on('SIGTERM', () => process.exit(0))

  const nodes = Array.from({ length: options.nodes }, (_each, index) =>
    nodeAddresses(index + 1, options.ipFamilies),
  )
  const { families } = nodes[0]!
  const agentFiles = agentDirectory(process.argv[1]!)
  const bootId = knownBootId()
  // A node agent that can start no programs any more is of no use: another one can.
  const spawner = new Spawner(join(agentFiles, 'spawner.pl'), () => process.exit(exitCodes.environment))
  useSpawner(spawner)
  const timed = timer(log)
  const [api, layers] = await Promise.all([
    timed('api', connectApi(files.apiSocket, { onLost: () => process.exit(exitCodes.environment) })),
    timed('layers', prepareLayers(agentFiles, options.cache)),
    bootId ? undefined : timed('underlay', createUnderlay(nodes)),
  ])
  const surroundings = Promise.all([
    bootId ? undefined : createOutside(agentFiles, families),
    startApiRelay(files.apiTlsSocket, families),
  ])
  const programmers = startProgrammers({ api, nodes, takesOver: bootId !== null, log })
  const pipes = new PipeSource(join(files.containers, 'pipes'))
  const cgroupParent = cgroupAccess(options.name, {
    delegated: process.env.ZTLAB_CGROUP,
    refusal: process.env.ZTLAB_CGROUP_REFUSAL,
  })
  const runtime = new Runtime({
    runc: new Runc(
      ExitStatuses.fromPipe(exitStatusFd),
      pipes,
      new TerminalSource(join(agentFiles, 'terminal.pl'), files.containers, pipes),
      spawner,
      cgroupParent.parent === null,
    ),
    images: new ImageStore(layers, join(files.containers, 'i')),
    layers,
    directory: files.containers,
    logDirectory,
    inUserNamespace: isInUserNamespace(),
    mapsUserRange: options.mapsUserRange,
  })
  const checkpoints = new Checkpoints(checkpointDirectory)
  const found = checkpoints.read()
  const networks = found.flatMap(({ attachment }) => (attachment ? [attachment.netns] : []))
  await Promise.all([removeOtherNetworks(new Set(networks)), runtime.removeOthers(knownIds(found))])
  const { items: knownNodes, resourceVersion } = await api.list(resources.nodes)
  const rules = Promise.allSettled(
    [programmers.felix, programmers.services].map((each) => each.programmed(Number(resourceVersion))),
  )
  const thisBoot = bootId ?? randomUUID()
  const kubelets = nodes.map(
    (node) =>
      new Kubelet({
        api,
        node,
        network: new PodNetwork(node, nodes),
        runtime,
        cgroupParent,
        directory: files.containers,
        agentDirectory: agentFiles,
        bootId: thisBoot,
        checkpoints,
        found,
        rules,
        inForce: async (revision) => {
          await Promise.all(
            [programmers.felix, programmers.hostPorts].map((each) => each.programmed(revision)),
          )
        },
        log,
      }),
  )
  await timed(
    'nodes',
    Promise.all([
      ...kubelets.map((kubelet) => kubelet.start()),
      knownNodes.length === 0 ? installDns(api, families) : undefined,
      surroundings,
    ]),
  )
  // Not before, so that whoever asks for a pod that runs finds it.
  await startKubeletServer({
    socketPath: files.kubeletSocket,
    runtime,
    programmers,
    find: (...names) => kubelets.map((kubelet) => kubelet.find(...names)).find(Boolean),
    findPod: (...names) => kubelets.map((kubelet) => kubelet.findPod(...names)).find(Boolean),
    log,
  })
  writeFileSync(bootFile, thisBoot)
  startHeartbeats({ nodes: kubelets, linked: linkedNodes, log })
  startEviction({ nodes: kubelets, directory: files.containers, log })
  process.stdout.write(`${JSON.stringify({ ready: true })}\n`)
}

/** That of the nodes that another process has left; null where they do not stand yet. */
function knownBootId(): string | null {
  try {
    return readFileSync(bootFile, 'utf8')
  } catch {
    return null
  }
}

interface ProgrammersOptions {
  api: ApiClient
  nodes: NodeAddresses[]
  /** Another process has been here. */
  takesOver: boolean
  log: (line: string) => void
}

function startProgrammers({ api, nodes: addresses, takesOver, log }: ProgrammersOptions) {
  const { families } = addresses[0]!
  const nodes = addresses.map(({ name }) => ({
    name,
    runNft: async (script: string) => void (await applyNft(script, netnsPath(name))),
  }))
  return {
    felix: startFelix({ api, nodes, log }),
    services: startServices({ api, nodes, families, log }),
    hostPorts: startHostPorts({ api, nodes, families, takesOver, log }),
    dns: startDns(api, families, log),
  }
}

interface Options {
  name: string
  state: string
  nodes: number
  cache: string
  ipFamilies: IpFamilies
  mapsUserRange: boolean
}

function parseOptions(): Options {
  const { values } = parseArgs({
    options: {
      name: { type: 'string' },
      state: { type: 'string' },
      nodes: { type: 'string', default: '2' },
      cache: { type: 'string' },
      'ip-family': { type: 'string', default: 'ipv4' },
      'single-id': { type: 'boolean', default: false },
    },
  })
  const { name, state, nodes, cache, 'ip-family': ipFamilies } = values
  if (!name || !state || !cache || !isIpFamilies(ipFamilies)) {
    throw new LabError({
      code: 'bad-input',
      message:
        'usage: node-agent --name NAME --state DIR --nodes N --cache DIR [--ip-family ipv4|ipv6|dual] [--single-id]',
    })
  }
  return { name, state, nodes: Number(nodes), cache, ipFamilies, mapsUserRange: !values['single-id'] }
}

function timer(log: (line: string) => void): <T>(stage: string, work: Promise<T>) => Promise<T> {
  return async (stage, work) => {
    const result = await work
    log(`${stage} after ${Math.round(performance.now())} ms`)
    return result
  }
}

main().catch((error) => {
  const { code, cause, hint } = isLabError(error)
    ? error
    : { code: 'cluster-failed', cause: error?.stack, hint: undefined }
  const said = {
    code,
    message: messageOf(error),
    cause: cause === undefined ? undefined : messageOf(cause),
    hint,
  }
  process.stderr.write(`${new Date().toISOString()} ${said.message}: ${said.cause ?? said.code}\n`)
  process.stdout.write(`${JSON.stringify({ ready: false, error: said })}\n`, () =>
    process.exit(exitCodes.environment),
  )
})
