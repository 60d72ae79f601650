import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closedTcpPort, closedUdpPort } from '../../../support/closed-port.ts'
import { freePort } from '../../../support/free-port.ts'

const agnhost = join(import.meta.dirname, '../../../../src/embedded/runtime/agent/agnhost')
const servers: ChildProcess[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.kill()
})

test('netexec answers over HTTP and UDP, and ends at SIGTERM with 0', async () => {
  const { server, port } = await serve(
    (port) => ['netexec', `--http-port=${port}`, '--udp-port', port],
    /Started HTTP/,
  )
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text()
  expect(await get('/echo?msg=a%20b')).toBe('a b')
  expect(await get('/clientip')).toMatch(/^127\.0\.0\.1:\d+$/)
  expect((await fetch(`http://127.0.0.1:${port}/echo?msg=x&code=418`)).status).toBe(418)
  const { stdout } = await probe([`u\t1\tudp\t127.0.0.1\t${port}\t30000`])
  expect(stdout).toMatch(/^u\tOK\t\d+\t127\.0\.0\.1$/m)
  const ended = new Promise((resolve) => server.on('exit', resolve))
  server.kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('connect exits like the real one: 0, or 1 and a word', async () => {
  const open = await serve((port) => ['netexec', `--http-port=${port}`, '--udp-port=-1'], /Started HTTP/)
  const connect = (port: number | string, ...words: string[]) =>
    call(['connect', `127.0.0.1:${port}`, ...words])
  expect(await connect(open.port, '--timeout=30s')).toMatchObject({ code: 0, stderr: '' })
  const { port: closed } = await closedTcpPort()
  expect(await connect(closed)).toMatchObject({ code: 1, stderr: 'REFUSED\n' })
  expect((await connect(await closedUdpPort(), '--protocol=udp')).stderr).toMatch(/^REFUSED: /)
  expect((await call(['connect', 'no-port'])).stderr).toMatch(/^UNKNOWN: /)
})

test('probe reports each line by its id and tells refused from silent', async () => {
  const { port: closed } = await closedTcpPort()
  const { stdout } = await probe([
    `one\t1\ttcp\t127.0.0.1\t${closed}\t30000`,
    // A socket that takes the datagram and never answers.
    `two\t2\tudp\t127.0.0.1\t${await silentUdp()}\t150`,
  ])
  expect(stdout).toMatch(/^one\tREFUSED\t\d+\tConnection refused$/m)
  const [, elapsedMs] = /^two\tTIMEOUT\t(\d+)\t/m.exec(stdout) ?? []
  expect(Number(elapsedMs)).toBeGreaterThanOrEqual(150)
})

test('probe refuses a line it cannot read', async () => {
  expect(await probe(['nonsense'])).toMatchObject({ code: 2, stdout: '' })
})

test('dns answers from its zone, over UDP and TCP, and says NXDOMAIN for what is not in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ztlab-zone-'))
  const zone = join(folder, 'zone')
  writeFileSync(zone, 'zone cluster.local\nA web.shop.svc.cluster.local 10.96.0.9\n')
  const { port } = await serve((port) => ['dns', `--zone=${zone}`, `--port=${port}`], / \.:\d+$/m)
  expect(await ask(port, 'web.shop.svc.cluster.local')).toEqual({ rcode: 0, answers: 1 })
  expect(await ask(port, 'WEB.shop.svc.cluster.local')).toEqual({ rcode: 0, answers: 1 })
  expect(await ask(port, 'shop.svc.cluster.local')).toEqual({ rcode: 0, answers: 0 })
  expect(await ask(port, 'db.shop.svc.cluster.local')).toEqual({ rcode: 3, answers: 0 })
  expect(await ask(port, '10-1-2-3.shop.pod.cluster.local')).toEqual({ rcode: 0, answers: 1 })
  expect(await ask(port, 'example.com')).toEqual({ rcode: 2, answers: 0 })
  // Renamed into place, as the node agent does it.
  writeFileSync(`${zone}.new`, 'zone cluster.local\nA db.shop.svc.cluster.local 10.96.0.10\n')
  renameSync(`${zone}.new`, zone)
  expect(await ask(port, 'db.shop.svc.cluster.local')).toEqual({ rcode: 0, answers: 1 })
  rmSync(folder, { recursive: true })
})

test('an unknown subcommand is named, with those there are', async () => {
  const { code, stderr } = await call(['webhook'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/unknown command "webhook".*netexec/)
})

interface Ended {
  code: number
  stdout: string
  stderr: string
}

function call(words: string[], stdin = ''): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile('perl', [agnhost, ...words], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
    // It may end without having read it.
    child.stdin!.on('error', () => undefined)
    child.stdin!.end(stdin)
  })
}

function probe(lines: string[]): Promise<Ended> {
  return call(['probe'], `${lines.join('\n')}\n`)
}

interface Served {
  server: ChildProcess
  port: string
}

/** A server at a port of its own, once it has said that it is there. */
async function serve(wordsFor: (port: string) => string[], ready: RegExp): Promise<Served> {
  for (;;) {
    const port = String(await freePort())
    const server = spawn('perl', [agnhost, ...wordsFor(port)], { stdio: ['ignore', 'ignore', 'pipe'] })
    servers.push(server)
    const said = await saidBy(server, ready)
    if (ready.test(said)) return { server, port }
    // Somebody else may have come to the port first.
    if (!said.includes(': bind: ')) throw new Error(said)
  }
}

/** What a process says until it is ready, or until its end. */
function saidBy(server: ChildProcess, ready: RegExp): Promise<string> {
  let said = ''
  return new Promise((resolve) => {
    server.on('close', () => resolve(said))
    server.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (ready.test(said)) resolve(said)
    })
  })
}

async function silentUdp(): Promise<number> {
  const { createSocket } = await import('node:dgram')
  const socket = createSocket('udp4').unref()
  return new Promise((resolve) => socket.bind(0, '127.0.0.1', () => resolve(socket.address().port)))
}

/** One A query over TCP. */
async function ask(port: string, name: string): Promise<{ rcode: number; answers: number }> {
  const { connect } = await import('node:net')
  const labels = name.split('.').flatMap((label) => [Buffer.of(label.length), Buffer.from(label)])
  const query = Buffer.concat([
    Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    ...labels,
    Buffer.from([0, 0, 1, 0, 1]),
  ])
  const socket = connect(Number(port), '127.0.0.1')
  socket.end(Buffer.concat([Buffer.of(query.length >> 8, query.length & 255), query]))
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  const reply = Buffer.concat(chunks).subarray(2)
  return { rcode: reply[3]! & 15, answers: reply.readUInt16BE(6) }
}
