import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { parse } from 'yaml'
import { startApiServer } from '../../../src/embedded/api/index.ts'
import { servedTypes } from '../../../src/embedded/api/kinds/index.ts'
import { type ApiClient, type ResourceType, resources } from '../../../src/embedded/api-client/index.ts'
import { type KubeletServerOptions, startKubeletServer } from '../../../src/embedded/kubelet/index.ts'
import { ContainerLog } from '../../../src/embedded/runtime/index.ts'
import { Commands } from './commands.ts'
import type { Aimed } from './fire.ts'
import { ownNamespace } from './shot.ts'

/** What the fuzzer shoots at. */
export interface Target extends Aimed {
  token: string
  /** Lines that the servers logged: each is a fault that a client could not have. */
  faults: string[]
  /** What clients have had run in the pod. */
  commands: Pick<Commands, 'begun' | 'running'>
  /** Removes what the requests have made, as if the cluster were new. */
  empty(): Promise<void>
  close(): Promise<void>
}

/**
 * An API server and a kubelet's server behind it, as in a cluster, with the namespace `shop`, and a pod `fuzzed` that
 * runs in one of its own. Its processes are made of streams alone, so that what is measured is the wire.
 */
export async function startTarget(): Promise<Target> {
  const directory = await mkdtemp(join(tmpdir(), 'ztlab-wire-'))
  const [socketPath, kubeletSocket] = [join(directory, 'api.sock'), join(directory, 'kubelet.sock')]
  const faults: string[] = []
  const log = (line: string) => void faults.push(line)
  const server = await startApiServer({ apiSocket: socketPath, kubeletSocket, name: 'wire', log })
  const commands = new Commands()
  const kubelet = await startKubeletServer(kubeletOptions(kubeletSocket, commands))
  const client = server.client('fuzzer')
  await furnish(client)
  const config = parse(server.kubeconfig)
  return {
    port: server.port,
    ca: server.certificate,
    token: config.users[0].user.token,
    socketPath,
    faults,
    commands,
    async empty() {
      for (const type of servedTypes()) await removeAll(client, type)
      await furnish(client)
    },
    async close() {
      kubelet.close()
      kubelet.closeAllConnections()
      await server.close()
      await rm(directory, { recursive: true })
    },
  }
}

async function furnish(client: ApiClient): Promise<void> {
  for (const namespace of ['shop', ownNamespace]) {
    await client.create(resources.namespaces, object('v1', 'Namespace', { name: namespace }))
    await client.create(
      resources.serviceAccounts,
      object('v1', 'ServiceAccount', { name: 'default', namespace }),
    )
  }
  await client.create(resources.pods, pod)
  await client.patch(resources.pods, pod.metadata, { status }, 'status')
}

/** Whatever holds an object is let go; the namespaces that every cluster has stay. */
async function removeAll(client: ApiClient, type: ResourceType): Promise<void> {
  for (const { metadata } of (await client.list(type)).items) {
    const at = { name: metadata.name, namespace: metadata.namespace }
    if (type.plural === 'namespaces') {
      await client.patch(type, at, { spec: { finalizers: [] } }, 'finalize')
    }
    if (metadata.finalizers) await client.patch(type, at, { metadata: { finalizers: null } })
    await client.delete(type, at, { gracePeriodSeconds: 0 }).catch(() => undefined)
  }
}

const containers = [{ name: 'main', image: 'busybox:1.36' }]
const pod = object(
  'v1',
  'Pod',
  { name: 'fuzzed', namespace: ownNamespace },
  { spec: { containers, nodeName: 'node-1' } },
)
const containerStatuses = [{ name: 'main', state: { running: {} } }]
const status = { phase: 'Running', containerStatuses }

function object(apiVersion: string, kind: string, metadata: { name: string; namespace?: string }, body = {}) {
  return { apiVersion, kind, metadata, ...body }
}

/** A kubelet whose container says what it hears. */
function kubeletOptions(socketPath: string, commands: Commands): KubeletServerOptions {
  const echo = new PassThrough()
  const log = new ContainerLog('/nowhere/log')
  log.follow(echo as unknown as Socket, 'stdout')
  const worker = {
    spec: { name: 'main', stdin: true },
    running: { id: 'main', stdin: echo, terminal: null, log },
  }
  return {
    socketPath,
    programmers: {},
    runtime: commands as unknown as KubeletServerOptions['runtime'],
    find: () => worker as unknown as ReturnType<KubeletServerOptions['find']>,
    // No namespace: what a forwarded port comes to is an error, as of a pod that has just gone.
    findPod: () => ({ name: 'fuzzed', uid: 'none', netns: '/nowhere', agentDirectory: '/nowhere' }),
    log: () => undefined,
  }
}
