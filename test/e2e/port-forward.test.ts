import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { KubeConfig, PortForward } from '@kubernetes/client-node'
import { kubectlEnvironment, testWithKubectl } from '../support/kubectl.ts'
import { fixtureLabs, homeForTests, type Running, startProgram } from '../support/ztlab.ts'

const home = homeForTests()
const kubeconfig = join(home.state, 'forward/kubeconfig')

const title = 'ports of a pod are forwarded to kubectl and to client-node'
testWithKubectl(title, forwardPorts, 240_000)

/** A server that says every line that it heard, reversed. */
const reverser = 'nc -l -p 7000 -e rev & until grep -q :1B58 /proc/net/tcp*; do :; done; echo listening; wait'

async function forwardPorts(): Promise<void> {
  expect((await home.ztlab(['cluster', 'up', '--name', 'forward'])).code).toBe(0)
  expect((await kubectl('apply', '-f', join(fixtureLabs, 'tiny/workloads.yaml')).finished).code).toBe(0)
  const ready = ['wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s']
  expect((await kubectl('-n', 'tiny', ...ready).finished).code).toBe(0)

  // SPDY inside a WebSocket is what kubectl begins with from 1.31 on; SPDY alone is what it did before.
  for (const websockets of ['true', 'false']) {
    const forwarding = kubectlWith({ KUBECTL_PORT_FORWARD_WEBSOCKETS: websockets })(
      ...['-n', 'tiny', 'port-forward', 'pod/web', ':80', '-v=6'],
    )
    const port = await forwardedPort(forwarding)
    const hostnames = await Promise.all(
      Array.from({ length: 5 }, () => fetch(`http://127.0.0.1:${port}/hostname`)),
    )
    expect(await Promise.all(hostnames.map((answer) => answer.text()))).toEqual(Array(5).fill('web'))
    forwarding.process.kill('SIGINT')
    const { stdout, stderr } = await forwarding.finished
    expect(stdout).toContain('Handling connection for')
    expect(stderr).not.toContain('fallback to secondary dialer')
  }

  const listening = kubectl('-n', 'tiny', 'exec', 'client', '--', 'sh', '-c', reverser)
  await listening.says(/listening/)
  const forwarding = kubectl('-n', 'tiny', 'port-forward', 'pod/client', ':7000')
  const megabyte = 'abcdefg\n'.repeat(128 * 1024)
  const answer = await sayAndHear(await forwardedPort(forwarding), megabyte)
  expect(answer.length).toBe(megabyte.length)
  expect(answer).toBe('gfedcba\n'.repeat(128 * 1024))
  forwarding.process.kill('SIGINT')
  await Promise.all([forwarding.finished, listening.finished])

  const refused = kubectl('-n', 'tiny', 'port-forward', 'pod/client', ':7001')
  expect(await sayAndHear(await forwardedPort(refused), 'hello')).toBe('')
  refused.process.kill('SIGINT')
  expect((await refused.finished).stderr).toMatch(/127\.0\.0\.1:7001: connect: connection refused/)

  expect(await throughClientNode()).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nweb$/s)
}

function kubectlWith(more: Record<string, string>): (...words: string[]) => Running {
  const env = { ...kubectlEnvironment(home, kubeconfig), ...more }
  return (...words) => startProgram(['kubectl', ...words], { env })
}

function kubectl(...words: string[]): Running {
  return kubectlWith({})(...words)
}

async function forwardedPort(forwarding: Running): Promise<number> {
  let text = ''
  forwarding.process.stdout!.on('data', (chunk) => {
    text += chunk
  })
  await forwarding.says(/Forwarding from 127\.0\.0\.1:\d+ /)
  return Number(/127\.0\.0\.1:(\d+)/.exec(text)![1])
}

/** Says all of it, ends what it says, and listens to the end. */
async function sayAndHear(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.end(text)
  let heard = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    heard += chunk
  })
  await once(socket, 'close')
  return heard
}

/** As the documentation of client-node has it: a server of one's own, a WebSocket for each connection. */
async function throughClientNode(): Promise<string> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const forward = new PortForward(config)
  const server = createServer((socket) => {
    const output = new PassThrough()
    output.pipe(socket)
    void forward.portForward('tiny', 'web', [80], output, null, socket).then((client) => {
      if (client && 'onclose' in client) client.onclose = () => socket.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  let heard = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    heard += chunk
  })
  socket.write('GET /hostname HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n')
  await once(socket, 'close')
  server.close()
  return heard
}
