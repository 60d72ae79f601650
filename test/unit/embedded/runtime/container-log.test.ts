import { once } from 'node:events'
import { closeSync, createWriteStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ContainerLog } from '../../../../src/embedded/runtime/container-log.ts'
import { PipeSource } from '../../../../src/kernel/index.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ztlab-log-'))
  path = join(directory, 'container')
})
afterEach(() => rmSync(directory, { recursive: true }))

async function logOf(text: string): Promise<ContainerLog> {
  const { readFd, writeFd } = await new PipeSource(join(directory, 'pipes')).open()
  const log = new ContainerLog(path)
  log.follow(new Socket({ fd: readFd, readable: true, writable: false }), 'stdout')
  const end = new Promise((resolve) => log.once('end', () => resolve(undefined)))
  createWriteStream('', { fd: writeFd }).end(text)
  await end
  return log
}

test('lines are kept whole, also a last one without a newline', async () => {
  const log = await logOf('one\ntwo\nthree')
  expect(log.read().map(({ text }) => text)).toEqual(['one\n', 'two\n', 'three'])
  expect(log.ended).toBe(true)
})

test('whoever waits for its end has all of it, or has waited long enough', async () => {
  const { readFd, writeFd } = await new PipeSource(join(directory, 'pipes')).open()
  const log = new ContainerLog(path)
  log.follow(new Socket({ fd: readFd, readable: true, writable: false }), 'stdout')
  await log.whenEnded(1)
  expect(log.ended).toBe(false)
  const said = log.whenEnded(60_000).then(() => log.read().map(({ text }) => text))
  createWriteStream('', { fd: writeFd }).end('last words')
  expect(await said).toEqual(['last words'])
  await log.whenEnded(60_000)
})

test('tailLines gives the last ones, and none for 0', async () => {
  const log = await logOf('one\ntwo\n')
  expect(log.read({ tailLines: 1 }).map(({ text }) => text)).toEqual(['two\n'])
  expect(log.read({ tailLines: 0 })).toEqual([])
})

test('sinceTime leaves out what is older', async () => {
  const log = await logOf('old\n')
  expect(log.read({ sinceTime: new Date(Date.now() + 1000) })).toEqual([])
})

test('another process reads what was said before it, as container runtimes write it', async () => {
  const lines = (await logOf('one\nlast')).read()
  expect(new ContainerLog(path).read()).toEqual(lines)
  expect(readFileSync(path, 'utf8').replace(/\S+Z/g, 'TIME')).toBe('TIME stdout F one\nTIME stdout P last\n')
})

test('the oldest lines go first, in memory and in the files; without a directory nothing is written', async () => {
  const line = `${'x'.repeat(1023)}\n`
  const log = await logOf(line.repeat(10_000))
  expect(log.read()).toHaveLength(4096)
  expect(new ContainerLog(path).read()).toHaveLength(4096)
  expect(readdirSync(directory).sort()).toEqual(['container', 'container.1', 'pipes'])
  log.remove()
  expect(readdirSync(directory)).toEqual(['pipes'])
  path = join(directory, 'gone/container')
  expect((await logOf('said\n')).read()).toMatchObject([{ text: 'said\n' }])
})

test('a stream that has closed without a word before anybody listened is at its end, too', async () => {
  const { readFd, writeFd } = await new PipeSource(join(directory, 'pipes')).open()
  const socket = new Socket({ fd: readFd, readable: true, writable: false })
  closeSync(writeFd)
  await once(socket, 'close')
  const log = new ContainerLog(path)
  log.follow(socket, 'stdout')
  expect(log.ended).toBe(false)
  await once(log, 'end')
  expect(log.ended).toBe(true)
})

test('of what a container says beyond 4 MiB the oldest lines go, and the others keep their numbers', async () => {
  const line = `${'x'.repeat(99)}\n`
  const log = await logOf(`${line.repeat(60_000)}last\n`)
  expect(log.count).toBe(60_001)
  expect(log.read().length).toBe(Math.floor((4 << 20) / 100))
  expect(log.since(60_000).map(({ text }) => text)).toEqual(['last\n'])
  expect(log.since(0)).toEqual(log.read())
  expect(log.read({ tailLines: 1 })).toEqual(log.since(60_000))
})

test('a line without end comes in parts', async () => {
  const text = 'x'.repeat(200_000)
  const log = await logOf(`${text}\n`)
  const parts = log.read().map((part) => part.text)
  expect(parts.length).toBeGreaterThan(2)
  expect(parts.join('')).toBe(`${text}\n`)
  expect(parts.filter((part) => part.endsWith('\n'))).toHaveLength(1)
})
