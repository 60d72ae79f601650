import { once } from 'node:events'
import { createServer } from 'node:http'
import { get } from 'node:https'
import { json, text } from 'node:stream/consumers'
import { WebSocket, WebSocketServer } from 'ws'
import { parse } from 'yaml'
import { resources } from '../../../../src/embedded/api-client/index.ts'
import { pod, type Running, withApi } from './harness.ts'

/** A kubelet that says where a request reached it; exec echoes what it is sent. */
async function withKubelet({ directory }: Running, work: () => Promise<void>): Promise<void> {
  const server = createServer((request, response) => response.end(`kubelet ${request.url}`))
  const sockets = new WebSocketServer({ server, handleProtocols: (offered) => [...offered][0] ?? false })
  sockets.on('connection', (socket, request) => {
    socket.send(`${request.url} authorization=${request.headers.authorization}`)
    socket.on('message', (data) => socket.send(`echo ${data}`))
  })
  server.listen(`${directory}/kubelet.sock`)
  await once(server, 'listening')
  try {
    await work()
  } finally {
    sockets.close()
    server.close()
    server.closeAllConnections()
  }
}

async function runningPod({ client }: Running): Promise<void> {
  await client.create(resources.pods, pod('web', { nodeName: 'node-1' }))
  const containerStatuses = [{ name: 'main', state: { running: {} } }]
  await client.patch(
    resources.pods,
    { name: 'web', namespace: 'shop' },
    { status: { containerStatuses } },
    'status',
  )
}

function access({ server }: Running): {
  url: string
  options: { ca: Buffer; headers: Record<string, string> }
} {
  const config = parse(server.kubeconfig)
  const ca = Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64')
  const headers = { authorization: `Bearer ${config.users[0].user.token}` }
  return { url: `wss://127.0.0.1:${server.port}`, options: { ca, headers } }
}

test('exec is relayed to the kubelet byte by byte, without the token', () =>
  withApi((running) =>
    withKubelet(running, async () => {
      await runningPod(running)
      const { url, options } = access(running)
      const path = '/api/v1/namespaces/shop/pods/web/exec?command=sh&command=-c&stdin=true&container=main'
      const socket = new WebSocket(`${url}${path}`, ['v5.channel.k8s.io'], options)
      const heard: string[] = []
      socket.on('message', (data) => heard.push(String(data)))
      await once(socket, 'open')
      expect(socket.protocol).toBe('v5.channel.k8s.io')
      socket.send('hello')
      while (heard.length < 2) await once(socket, 'message')
      expect(heard).toEqual([
        '/exec/shop/web/main?command=sh&command=-c&stdin=true authorization=undefined',
        'echo hello',
      ])
      socket.close()
      await once(socket, 'close')
    }),
  ))

test.each([
  ['an unknown container', 'web/exec?container=nope', 400],
  ['a pod that is not there', 'gone/exec', 404],
])('exec into %s is refused with its reason', (_title, path, code) =>
  withApi(async (running) => {
    await runningPod(running)
    const { url, options } = access(running)
    const socket = new WebSocket(`${url}/api/v1/namespaces/shop/pods/${path}`, ['v5.channel.k8s.io'], options)
    const [, answer] = await once(socket, 'unexpected-response')
    expect(answer.statusCode).toBe(code)
    socket.on('error', () => undefined)
    answer.destroy()
  }),
)

test('exec without an upgrade is refused in the words of a real API server', () =>
  withApi(async (running) => {
    await runningPod(running)
    const { url, options } = access(running)
    const path = '/api/v1/namespaces/shop/pods/web/exec?command=sh'
    const [answer] = await once(get(`${url.replace('wss', 'https')}${path}`, options), 'response')
    expect(await json(answer)).toMatchObject({ code: 400, message: 'Upgrade request required' })
  }))

test('where no kubelet answers, exec says so', () =>
  withApi(async (running) => {
    await runningPod(running)
    const { url, options } = access(running)
    const socket = new WebSocket(
      `${url}/api/v1/namespaces/shop/pods/web/exec`,
      ['v5.channel.k8s.io'],
      options,
    )
    const [, answer] = await once(socket, 'unexpected-response')
    expect(answer.statusCode).toBe(503)
    socket.on('error', () => undefined)
    answer.destroy()
  }))

test('settled waits for the controllers, and asks for all that they wrote', () =>
  withApi((running) =>
    withKubelet(running, async () => {
      const { server, client } = running
      let isQuiet = false
      server.setQuiet(async () => {
        await client.create(resources.pods, pod('by-a-controller'))
        isQuiet = true
      })
      const { url, options } = access(running)
      const settled = get(`${url.replace('wss', 'https')}/internal/settled?revision=1`, options)
      const [response] = await once(settled, 'response')
      const answer = await text(response)
      expect(isQuiet).toBe(true)
      const { resourceVersion } = (await client.list(resources.pods)) as { resourceVersion: string }
      expect(answer).toBe(`kubelet /settled?revision=${resourceVersion}`)
    }),
  ))

test('a client that goes before the kubelet has answered leaves nothing there', () =>
  withApi(async (running) => {
    await runningPod(running)
    const kubelet = createServer().listen(`${running.directory}/kubelet.sock`)
    await once(kubelet, 'listening')
    const { url, options } = access(running)
    const path = '/api/v1/namespaces/shop/pods/web/exec?command=sh'
    const socket = new WebSocket(`${url}${path}`, ['v5.channel.k8s.io'], options)
    socket.on('error', () => undefined)
    const [, asked] = await once(kubelet, 'upgrade')
    socket.terminate()
    // Now, while it still waits for the client.
    asked.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await once(asked.resume(), 'end')
    asked.destroy()
    kubelet.close()
  }))
