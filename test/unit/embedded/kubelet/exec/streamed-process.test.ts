import { type EventEmitter, once } from 'node:events'
import type { Socket } from 'node:net'
import { PassThrough, Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { attachStreams, execStreams } from '../../../../../src/embedded/kubelet/exec/streamed-process.ts'
import { type Container, ContainerLog, type ExecProcess } from '../../../../../src/embedded/runtime/index.ts'

const megabyte = Buffer.alloc(1024 * 1024)

function command() {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const process = { stdin, stdout, stderr, terminal: null, ended: new Promise(() => undefined), kill() {} }
  return { stdin, stdout, stderr, process: execStreams(process as unknown as ExecProcess) }
}

function container(spec = { stdin: true, stdinOnce: true, tty: false }) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  const log = new ContainerLog('/nowhere/log')
  log.follow(stdout as unknown as Socket, 'stdout')
  const attached = () => attachStreams({ stdin, terminal: null, log } as unknown as Container, spec)
  return { stdin, stdout, log, attached }
}

/** Takes nothing before it is told to. */
function slow() {
  const taken: Array<() => void> = []
  const stream = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void taken.push(done) })
  return { stream, taken }
}

const nobody = () => new Writable({ write: (_chunk, _encoding, done) => done() })

test('what a command does not hear any more is dropped', async () => {
  const { stdin, process } = command()
  const typed = new PassThrough()
  process.hear(typed)
  stdin.destroy()
  typed.end(megabyte)
  await once(typed, 'end')
})

test('what a client does not take any more is dropped, also where it never took anything', async () => {
  const { stdout, stderr, process } = command()
  const [before, meanwhile] = [nobody().destroy(), slow().stream]
  process.say(before, meanwhile)
  const ended = Promise.all([stdout, stderr].map((each) => once(each, 'end')))
  for (const stream of [stdout, stderr]) {
    for (let count = 0; count < 10; count += 1) stream.write(megabyte)
    stream.end()
  }
  await turn()
  meanwhile.destroy()
  await ended
})

test.each([
  ['ends', (typed: PassThrough) => void typed.end()],
  ['is reset', (typed: PassThrough) => void typed.destroy()],
])('when what is typed %s, so does the input of the command', async (_title, end) => {
  const { stdin, process } = command()
  const typed = new PassThrough()
  process.hear(typed)
  end(typed)
  await new Promise((resolve) => stdin.resume().once('end', resolve))
})

test('a container waits for a client that is slow to take what it says, and not for one that has gone', async () => {
  const { stdout, log, attached } = container()
  const [{ stream, taken }, other] = [slow(), attached()]
  const process = attached()
  process.say(stream, nobody())
  other.say(nobody(), nobody())
  stdout.write('one\n')
  await turn()
  stdout.write('two\n')
  await turn()
  expect(log.read().map(({ text }) => text)).toEqual(['one\n'])
  taken.shift()!()
  await turn()
  expect(log.read().map(({ text }) => text)).toEqual(['one\n', 'two\n'])
  stdout.write('three\n')
  process.release()
  stream.destroy()
  await turn()
  expect(log.read().map(({ text }) => text)).toEqual(['one\n', 'two\n', 'three\n'])
})

test.each([
  ['with stdinOnce ends', { stdin: true, stdinOnce: true, tty: false }, true],
  ['stays open', { stdin: true, stdinOnce: false, tty: false }, false],
])('the input of a container %s when its client is cut off', async (_title, spec, isEnded) => {
  const { stdin, attached } = container(spec)
  const typed = new PassThrough()
  attached().hear(typed)
  typed.write('heard')
  await turn()
  typed.destroy()
  await turn()
  expect(stdin.writableEnded).toBe(isEnded)
  expect(String(stdin.read())).toBe('heard')
})

test('a container without input drops what is typed', async () => {
  const { attached } = container({ stdin: false, stdinOnce: false, tty: false })
  const typed = new PassThrough()
  attached().hear(typed)
  typed.end(megabyte)
  await once(typed, 'end')
})

test('clients that have gone leave nothing behind at a container', () => {
  const { stdin, log, attached } = container({ stdin: true, stdinOnce: false, tty: false })
  const emitters: EventEmitter[] = [stdin, log as unknown as EventEmitter]
  const listeners = () => emitters.map((each) => each.eventNames().map((name) => each.listenerCount(name)))
  const before = listeners()
  for (let count = 0; count < 20; count += 1) {
    const process = attached()
    process.say(nobody(), nobody())
    process.hear(new PassThrough())
    process.release()
  }
  expect(listeners()).toEqual(before)
})
