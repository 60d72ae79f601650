import { PassThrough, Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { ExecClient } from '../../../../../src/embedded/kubelet/exec/exec-client.ts'
import { exitStatus, serveProcess } from '../../../../../src/embedded/kubelet/exec/serve-process.ts'
import { execStreams } from '../../../../../src/embedded/kubelet/exec/streamed-process.ts'
import { WindowSizes } from '../../../../../src/embedded/kubelet/exec/window-sizes.ts'
import type { ExecProcess, TerminalSize } from '../../../../../src/embedded/runtime/index.ts'

/** A client and a command, and what each has heard. */
function session() {
  const heard: string[] = []
  const taken: Array<() => void> = []
  const output = (name: string) =>
    new Writable({
      write(chunk, _encoding, done) {
        heard.push(`${name}: ${chunk}`)
        if (name === 'slow') taken.push(done)
        else done()
      },
    })
  let leave = () => {}
  const client: ExecClient = {
    stdin: new PassThrough(),
    stdout: output('stdout'),
    stderr: output('stderr'),
    sizes: new WindowSizes(),
    finish: (status) => void heard.push(JSON.stringify(status)),
    gone: new Promise((resolve) => {
      leave = resolve
    }),
  }
  let exit = (_code: number) => {}
  const sized: TerminalSize[] = []
  const command = {
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    terminal: { resize: (size: TerminalSize) => void sized.push(size) },
    ended: new Promise<number>((resolve) => {
      exit = resolve
    }),
    kill: () => void heard.push('killed'),
  }
  const process = execStreams(command as unknown as ExecProcess)
  return { heard, taken, output, client, command, process, sized, leave, exit }
}

test('what is said comes before the exit code, however slowly it is taken', async () => {
  const { heard, taken, output, client, command, process, exit } = session()
  const served = serveProcess({ ...client, stdout: output('slow') }, process)
  command.stdout.end('out')
  command.stderr.end('err')
  await turn()
  exit(7)
  await turn()
  expect(heard.filter((line) => line !== 'killed')).toEqual(['slow: out', 'stderr: err'])
  taken[0]!()
  await served
  expect(heard.at(-1)).toBe(JSON.stringify(exitStatus(7)))
})

test('what is typed is heard to its end, and what is typed after the end holds up nobody', async () => {
  const { client, command, process, exit } = session()
  const served = serveProcess(client, process)
  const stdin = client.stdin as PassThrough
  stdin.write('typed')
  expect(String(await new Promise((resolve) => command.stdin.once('data', resolve)))).toBe('typed')
  exit(0)
  await served
  for (let count = 0; count < 100; count += 1) stdin.write(Buffer.alloc(10_000))
  stdin.end()
  await new Promise((resolve) => stdin.once('end', resolve))
})

test('a size that came before the process is that of its terminal', async () => {
  const { client, process, sized, exit } = session()
  client.sizes.take('{"Width":80,"Height":24}\n')
  const served = serveProcess(client, process)
  client.sizes.take('{"Width":100,"Height":50}\n')
  exit(0)
  await served
  expect(sized).toEqual([
    { columns: 80, rows: 24 },
    { columns: 100, rows: 50 },
  ])
})

test('why there was nothing to run is told after all that runc said', async () => {
  const { heard, client, command, process, exit } = session()
  const served = serveProcess(client, process)
  command.stderr.end('time="2026-11-23T11:43:39Z" level=error msg="exec failed: no such file"\n')
  await turn()
  exit(255)
  await served
  expect(heard[0]).toMatch(/^stderr: time=/)
  expect(JSON.parse(heard.at(-1)!)).toMatchObject({
    reason: 'InternalError',
    message:
      'Internal error occurred: error executing command in container: OCI runtime exec failed: exec failed: no such file',
  })
})

test('the command of a client that has gone, also before it began, is killed and told nothing', async () => {
  const { heard, client, command, process, leave } = session()
  leave()
  await serveProcess(client, process)
  expect(heard).toEqual(['killed'])
  // It may say a lot until it has ended.
  for (let count = 0; count < 100; count += 1) command.stdout.write(Buffer.alloc(10_000))
  command.stdout.end()
  await new Promise((resolve) => command.stdout.once('end', resolve))
})

test('exit code 0 is a Success', () => {
  expect(exitStatus(0)).toMatchObject({ status: 'Success' })
})

test('any other code is a Failure from whose causes clients read it', () => {
  expect(exitStatus(7)).toMatchObject({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '7' }] },
  })
})
