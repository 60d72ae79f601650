import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import {
  Attach,
  CoreV1Api,
  Cp,
  Exec,
  KubeConfig,
  Log,
  makeInformer,
  PortForward,
  type V1ConfigMap,
  type V1Status,
  Watch,
} from '@kubernetes/client-node'
import { homeForTests, testOnCluster } from '../support/ztlab.ts'

const home = homeForTests()
const agnhost = 'registry.k8s.io/e2e-test-images/agnhost:2.53'
const namespace = 'default'
const config = new KubeConfig()

testOnCluster(
  'the JavaScript client watches, informs, executes, forwards, reads logs, attaches and copies',
  useClient,
  400_000,
)

async function useClient(): Promise<void> {
  expect((await home.ztlab(['cluster', 'up', '--name', 'client', '--nodes', '1'])).code).toBe(0)
  config.loadFromString(readFileSync(join(home.state, 'client/kubeconfig'), 'utf8'))
  const core = config.makeApiClient(CoreV1Api)
  await checkWatch(core)
  await checkInformer(core)
  // Without a probe it would be ready before it listens.
  await runPod(core, 'web', {
    args: ['netexec', '--http-port=8080', '--udp-port=-1'],
    readinessProbe: { httpGet: { path: '/hostname', port: 8080 }, periodSeconds: 1 },
  })
  await checkExec()
  await checkPortForward()
  await checkLog(core)
  await checkAttach(core)
  await checkCp()
  expect((await home.ztlab(['cluster', 'down', '--name', 'client'])).code).toBe(0)
}

const configMap = (name: string, value: string): V1ConfigMap => ({ metadata: { name }, data: { value } })

async function checkWatch(core: CoreV1Api): Promise<void> {
  const seen: string[] = []
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const query = { fieldSelector: 'metadata.name=watched' }
  let end: (error: unknown) => void = () => undefined
  const ended = new Promise((resolve) => {
    end = resolve
  })
  const note = (type: string, object: V1ConfigMap) => seen.push(`${type} ${object.data?.value}`)
  const watching = await new Watch(config).watch(path, query, note, end)
  await core.createNamespacedConfigMap({ namespace, body: configMap('watched', '1') })
  await core.replaceNamespacedConfigMap({ namespace, name: 'watched', body: configMap('watched', '2') })
  await core.deleteNamespacedConfigMap({ namespace, name: 'watched' })
  await until(() => seen.length === 3)
  expect(seen).toEqual(['ADDED 1', 'MODIFIED 2', 'DELETED 2'])
  watching.abort()
  await ended
}

/** What changes while an informer is stopped is there when it starts again. */
async function checkInformer(core: CoreV1Api): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const informer = makeInformer(config, path, () => core.listNamespacedConfigMap({ namespace }))
  const seen: string[] = []
  for (const verb of ['add', 'update', 'delete'] as const)
    informer.on(verb, ({ metadata, data }) => {
      if (metadata?.name !== 'kube-root-ca.crt') seen.push(`${verb} ${metadata?.name} ${data?.value}`)
    })
  await informer.start()
  await core.createNamespacedConfigMap({ namespace, body: configMap('kept', '1') })
  await core.createNamespacedConfigMap({ namespace, body: configMap('gone', '1') })
  await until(() => seen.length === 2)
  await informer.stop()
  await core.replaceNamespacedConfigMap({ namespace, name: 'kept', body: configMap('kept', '2') })
  await core.deleteNamespacedConfigMap({ namespace, name: 'gone' })
  await core.createNamespacedConfigMap({ namespace, body: configMap('fresh', '1') })
  await informer.start()
  await until(() => seen.length === 5)
  expect(seen.slice(2).sort()).toEqual(['add fresh 1', 'delete gone 1', 'update kept 2'])
  await core.deleteNamespacedConfigMap({ namespace, name: 'fresh' })
  await until(() => seen.length === 6)
  await informer.stop()
}

async function checkExec(): Promise<void> {
  const { stdout, stderr, status } = await execute(['sh', '-c', 'cat; echo odd >&2; exit 3'], 'in\n')
  expect({ stdout, stderr }).toEqual({ stdout: 'in\n', stderr: 'odd\n' })
  expect(status).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode' })
  expect(status.details?.causes).toEqual([{ reason: 'ExitCode', message: '3' }])
}

async function execute(
  command: string[],
  input: string | null = null,
): Promise<{ stdout: string; stderr: string; status: V1Status }> {
  const [stdout, stderr] = [new Said(), new Said()]
  const stdin = input === null ? null : Readable.from([input])
  const status = await new Promise<V1Status>((resolve, reject) => {
    new Exec(config)
      .exec(namespace, 'web', 'main', command, stdout, stderr, stdin, false, resolve)
      .catch(reject)
  })
  return { stdout: stdout.text, stderr: stderr.text, status }
}

async function checkPortForward(): Promise<void> {
  const forward = new PortForward(config)
  const server = createServer((socket) => {
    void forward.portForward(namespace, 'web', [8080], socket, null, socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const said = new Said()
  socket.pipe(said)
  socket.write('GET /hostname HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n')
  await until(() => /\r\n\r\n.*web/s.test(said.text))
  socket.destroy()
  server.close()
}

async function checkLog(core: CoreV1Api): Promise<void> {
  await runPod(core, 'talk', {
    command: ['sh', '-c', 'for i in 1 2 3; do echo line $i; sleep 0.3; done; sleep 1d'],
  })
  const said = new Said()
  const following = await new Log(config).log(namespace, 'talk', 'main', said, { follow: true })
  await until(() => said.text === 'line 1\nline 2\nline 3\n')
  following.abort()
  const tail = new Said()
  await new Log(config).log(namespace, 'talk', 'main', tail, { tailLines: 1 })
  await until(() => tail.text === 'line 3\n')
}

async function checkAttach(core: CoreV1Api): Promise<void> {
  await runPod(core, 'ears', {
    command: ['sh', '-c', 'while read line; do echo heard $line; done'],
    stdin: true,
  })
  const said = new Said()
  const stdin = new PassThrough()
  const socket = await new Attach(config).attach(namespace, 'ears', 'main', said, null, stdin, false)
  stdin.write('a word\n')
  await until(() => said.text === 'heard a word\n')
  socket.close()
}

/** To a pod alone: `cpFromPod` of client-node 1.4 packs with gzip and unpacks without, which works on no cluster. */
async function checkCp(): Promise<void> {
  const from = join(home.directory, 'from')
  mkdirSync(from)
  writeFileSync(join(from, 'file.txt'), 'copied\n')
  // Its promise does not wait for what it has begun.
  await new Cp(config).cpToPod(namespace, 'web', 'main', from, '/tmp')
  await until(async () => (await execute(['cat', '/tmp/file.txt'])).stdout === 'copied\n')
}

async function runPod(core: CoreV1Api, name: string, container: object): Promise<void> {
  const spec = {
    terminationGracePeriodSeconds: 0,
    containers: [{ name: 'main', image: agnhost, ...container }],
  }
  await core.createNamespacedPod({ namespace, body: { metadata: { name }, spec } })
  const isReady = async () =>
    (await core.readNamespacedPod({ namespace, name })).status?.conditions?.some(
      ({ type, status }) => type === 'Ready' && status === 'True',
    ) ?? false
  await until(isReady)
}

/** A stream that remembers. */
class Said extends PassThrough {
  text = ''

  constructor() {
    super()
    this.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk
    })
  }
}

/** Waits for what other processes bring about. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
