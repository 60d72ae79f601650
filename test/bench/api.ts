import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type ApiServer, startApiServer } from '../../src/embedded/api/index.ts'
import { resources } from '../../src/embedded/api-client/index.ts'
import { percentile } from './statistics.ts'

type Row = (title: string, figures: string, note: string) => void

const watchers = 100
const changes = 1000
const objects = 5000

/** The embedded API server alone, over TLS, with its clients in the same process: lists of thousands, and watch fan-out. */
export async function apiTimes(row: Row, runs: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'ztlab-bench-api-'))
  const server = await startApiServer({
    apiSocket: join(directory, 'api.sock'),
    kubeletSocket: join(directory, 'kubelet.sock'),
    name: 'bench',
    log: () => undefined,
  })
  try {
    await server.client('bench').create(resources.namespaces, object('v1', 'Namespace', { name: 'shop' }))
    const fanOut: number[] = []
    for (let run = 0; run < runs; run += 1) fanOut.push(await watchFanOut(server))
    report(row, `${changes} changes to ${watchers} watchers`, fanOut)
    await makePods(server)
    const lists: number[] = []
    for (let run = 0; run < runs; run += 1) lists.push(await timed(() => read(server, '/api/v1/pods')))
    report(row, `list of ${objects} pods`, lists)
    const pages: number[] = []
    for (let run = 0; run < runs; run += 1) pages.push(await timed(() => readPages(server)))
    report(row, `list of ${objects} pods in pages of 500`, pages)
  } finally {
    await server.close()
    await rm(directory, { recursive: true })
  }
}

function report(row: Row, what: string, times: number[]): void {
  const [least, median] = [Math.min(...times), percentile(times, 0.5)]
  row(what, `min ${least.toFixed(0)} ms, median ${median.toFixed(0)} ms`, 'API server alone')
}

/** From the first change until every watcher has heard of the last. */
async function watchFanOut(server: ApiServer): Promise<number> {
  const client = server.client('bench')
  const { resourceVersion } = await client.list(resources.configMaps)
  const path = `/api/v1/namespaces/shop/configmaps?watch=1&resourceVersion=${resourceVersion}`
  const watching = await Promise.all(Array.from({ length: watchers }, () => open(server, path)))
  const heard = watching.map(
    (answer) =>
      new Promise<void>((resolve) => {
        let events = 0
        answer.on('data', (chunk: Buffer) => {
          for (const byte of chunk) if (byte === 10) events += 1
          if (events >= changes) resolve()
        })
      }),
  )
  const started = performance.now()
  const ref = { name: 'changing', namespace: 'shop' }
  for (let change = 0; change < changes; change += 1) {
    const data = { change: String(change), text: 'x'.repeat(500) }
    if (change === 0) await client.create(resources.configMaps, object('v1', 'ConfigMap', ref, { data }))
    else await client.patch(resources.configMaps, ref, { data })
    // Changes come one by one, as requests do.
    await new Promise(setImmediate)
  }
  await Promise.all(heard)
  const took = performance.now() - started
  for (const answer of watching) answer.destroy()
  await client.delete(resources.configMaps, ref)
  return took
}

async function makePods(server: ApiServer): Promise<void> {
  const client = server.client('bench')
  const containers = [{ name: 'main', image: 'busybox:1.36', ports: [{ containerPort: 80 }] }]
  for (let index = 0; index < objects; index += 1) {
    const metadata = { name: `pod-${(index * 7919) % objects}`, namespace: 'shop', labels: { app: 'web' } }
    await client.create(resources.pods, object('v1', 'Pod', metadata, { spec: { containers } }))
  }
}

async function readPages(server: ApiServer): Promise<void> {
  let next = ''
  do {
    const text = await read(server, `/api/v1/pods?limit=500${next && `&continue=${next}`}`)
    next = JSON.parse(text).metadata.continue ?? ''
  } while (next)
}

async function read(server: ApiServer, path: string): Promise<string> {
  const answer = await open(server, path)
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await once(answer, 'end')
  return text
}

const agent = new Agent({ keepAlive: true, maxSockets: watchers * 2 })

function open(server: ApiServer, path: string): Promise<import('node:http').IncomingMessage> {
  const { token } = parse(server.kubeconfig).users[0].user
  const headers = { authorization: `Bearer ${token}` }
  const options = { host: '127.0.0.1', port: server.port, ca: server.certificate, path, headers, agent }
  return new Promise((resolve, reject) => {
    get(options, resolve).on('error', reject)
  })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

function object(apiVersion: string, kind: string, metadata: object, body: object = {}) {
  return { apiVersion, kind, metadata: metadata as { name: string }, ...body }
}
