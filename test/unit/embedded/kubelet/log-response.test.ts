import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { answerLogs } from '../../../../src/embedded/kubelet/log-response.ts'
import { ContainerLog } from '../../../../src/embedded/runtime/index.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** A container that speaks, and an answer to somebody who asks for its log. */
async function asked(query: string, said = '') {
  const stdout = new PassThrough()
  const log = new ContainerLog('/nowhere/log')
  log.follow(stdout as unknown as Socket, 'stdout')
  stdout.write(said)
  await turn()
  let serving: ServerResponse | undefined
  const server = createServer((_request, response) => {
    serving = response
    void answerLogs(log, new URLSearchParams(query), response)
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const answer = await new Promise<IncomingMessage>((resolve) => get(`http://127.0.0.1:${port}`, resolve))
  return { stdout, log, answer, response: serving! }
}

test.each([
  ['', 'one\ntwo\nthree\n'],
  ['tailLines=1', 'three\n'],
  ['limitBytes=6', 'one\ntw'],
  ['follow=true&limitBytes=6', 'one\ntw'],
])('a log asked for by "%s"', async (query, expected) => {
  const { answer } = await asked(query, 'one\ntwo\nthree\n')
  expect(await text(answer)).toBe(expected)
})

test('who follows hears every line once, to the end', async () => {
  const { stdout, answer } = await asked('follow=true&tailLines=1', 'one\ntwo\n')
  stdout.write('three\nfour\n')
  await once(answer, 'readable')
  stdout.write('five\n')
  await turn()
  stdout.end('six')
  expect(await text(answer)).toBe('two\nthree\nfour\nfive\nsix')
})

test('a line of any length has one time', async () => {
  const long = 'x'.repeat(100_000)
  const { stdout, log, answer } = await asked('timestamps=true&follow=true', long.slice(0, 50_000))
  stdout.end(`${long.slice(50_000)}\n`)
  expect(log.read()[0]!.text.length).toBeLessThan(70_000)
  const said = await text(answer)
  expect(said.replace(/^\S+ /, '')).toBe(`${long}\n`)
})

test('who follows and does not read fills no memory', async () => {
  const { stdout, log, response } = await asked('follow=true')
  const line = `${'x'.repeat(10_000)}\n`
  for (let count = 0; count < 3000; count += 1) {
    stdout.write(line)
    if (count % 10 === 0) await turn()
  }
  await turn()
  // Less than all, and hardly more than what a log keeps.
  expect(log.count * line.length).toBeGreaterThan(25_000_000)
  expect(response.writableLength).toBeLessThan(6_000_000)
})

test('who has gone leaves no listener behind', async () => {
  const { log, answer, response } = await asked('follow=true', 'one\n')
  const gone = once(response, 'close')
  answer.destroy()
  await gone
  await turn()
  expect([log.listenerCount('line'), log.listenerCount('end')]).toEqual([0, 0])
})
