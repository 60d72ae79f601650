import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../support/free-port.ts'

/** Anything that answers API requests: a real API server, or the embedded one. */
export interface Api {
  send(request: ApiRequest): Promise<ApiAnswer>
  close(): Promise<void>
}

export interface ApiRequest {
  method: string
  path: string
  headers?: Record<string, string>
  body?: string
  /** A watch: ends once so many lines of the answer have come. */
  lines?: number
}

export interface ApiAnswer {
  code: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Where the programs of a real control plane are; `kube-apiserver` may be a hyperkube with that name as argument. */
export interface RealPrograms {
  apiServer: string[]
  etcd: string[]
}

/** The programs that `KUBE_APISERVER` and `ETCD` name, as command lines. */
export function realPrograms(env: NodeJS.ProcessEnv = process.env): RealPrograms {
  const words = (text: string) => text.split(' ').filter((word) => word !== '')
  return { apiServer: words(env.KUBE_APISERVER ?? 'kube-apiserver'), etcd: words(env.ETCD ?? 'etcd') }
}

/** Starts etcd and kube-apiserver on free ports of the loopback, without any controller. */
export async function startRealApiServer(programs: RealPrograms): Promise<Api> {
  const directory = await mkdtemp(join(tmpdir(), 'ztlab-real-api-'))
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()]
  const token = randomBytes(16).toString('hex')
  const authorization = `Bearer ${token}`
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keyFile = join(directory, 'service-accounts.key')
  await writeFile(keyFile, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
  await writeFile(join(directory, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 })
  const etcdUrl = `http://127.0.0.1:${etcdPort}`
  const peerUrl = `http://127.0.0.1:${peerPort}`
  const children = [
    start(directory, 'etcd', [
      ...programs.etcd,
      ...['--data-dir', join(directory, 'etcd'), '--unsafe-no-fsync=true'],
      ...['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', `default=${peerUrl}`],
    ]),
    start(directory, 'kube-apiserver', [
      ...programs.apiServer,
      ...['--etcd-servers', etcdUrl, '--cert-dir', directory],
      ...['--bind-address', '127.0.0.1', '--secure-port', String(port)],
      ...['--advertise-address', '127.0.0.1', '--endpoint-reconciler-type', 'none'],
      ...['--service-cluster-ip-range', '10.96.0.0/12', '--allow-privileged=true'],
      ...['--service-account-issuer', 'https://kubernetes.default.svc.cluster.local'],
      ...['--service-account-key-file', keyFile, '--service-account-signing-key-file', keyFile],
      ...['--token-auth-file', join(directory, 'tokens.csv'), '--authorization-mode', 'Node,RBAC'],
    ]),
  ]
  const api: Api = {
    send: (request) =>
      sendHttps(
        { host: '127.0.0.1', port, agent },
        { ...request, headers: { authorization, ...request.headers } },
      ),
    async close() {
      await Promise.all(children.reverse().map(ended))
      await rm(directory, { recursive: true, force: true })
    },
  }
  try {
    await untilReady(api, children)
  } catch (error) {
    await api.close()
    throw error
  }
  return api
}

const readyTimeoutMs = 120_000

async function untilReady(api: Api, children: ChildProcess[]): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs
  while (Date.now() < deadline) {
    const gone = children.find((child) => child.exitCode !== null)
    if (gone) throw new Error(`${gone.spawnargs.slice(0, 2).join(' ')} ended with ${gone.exitCode}`)
    const answer = await api.send({ method: 'GET', path: '/readyz' }).catch(() => null)
    if (answer?.code === 200) return
    await delay(200)
  }
  throw new Error(`the API server is not ready after ${readyTimeoutMs} ms`)
}

function start(directory: string, name: string, [command, ...args]: string[]): ChildProcess {
  const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const log = createWriteStream(join(directory, `${name}.log`))
  child.stdout.pipe(log)
  child.stderr.pipe(log)
  child.on('error', (error) => log.write(String(error)))
  return child
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.pid === undefined) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

// The certificate is made by the server for itself, a moment ago, in a directory of ours.
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })

/** Sends one request; the agent knows whom to trust and who we are. */
export function sendHttps(
  server: { host: string; port: number; agent: Agent },
  { method, path, headers, body, lines }: ApiRequest,
): Promise<ApiAnswer> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const options = { ...server, method, path, headers: { 'user-agent': 'recorder/1', ...length, ...headers } }
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(options, (response) => {
      let text = ''
      const finish = () => resolve({ code: response.statusCode ?? 0, headers: response.headers, text })
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (lines !== undefined && text.split('\n').length > lines) {
          finish()
          response.destroy()
        }
      })
      response.on('end', finish).on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
