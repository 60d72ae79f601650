import { openSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PipeSource, Spawner } from '../../../src/kernel/index.ts'
import { root } from '../../support/ztlab.ts'

const spawner = new Spawner(join(root, 'src/embedded/runtime/agent/spawner.pl'))

afterAll(() => spawner.close())

test('what a program says, and how it ends', async () => {
  const script = 'cat; echo err >&2; pwd >&2; exit 3'
  expect(await spawner.run(['sh', '-c', script], { stdin: 'in\n', cwd: '/usr' })).toEqual({
    code: 3,
    stdout: 'in\n',
    stderr: 'err\n/usr\n',
  })
  expect(await spawner.run(['sh', '-c', 'kill -9 $$'])).toEqual({ code: null, stdout: '', stderr: '' })
})

test('arguments and input of any shape and size go through', async () => {
  const odd = ['', 'two words', "quote'", 'line\nbreak', 'ünïcödé']
  const { stdout } = await spawner.run(['printf', '%s|', ...odd])
  expect(stdout).toBe(odd.map((each) => `${each}|`).join(''))
  const large = 'x'.repeat(1_000_000)
  expect((await spawner.run(['cat'], { stdin: large })).stdout).toBe(large)
})

test('many at once each get their own answer', async () => {
  const all = Array.from({ length: 50 }, (_each, index) => spawner.run(['echo', String(index)]))
  expect((await Promise.all(all)).map(({ stdout }) => stdout.trim())).toEqual(
    all.map((_each, index) => String(index)),
  )
})

test('a program that is not there, and a network namespace that is not', async () => {
  await expect(spawner.run(['no-such-program'])).rejects.toMatchObject({
    code: 'missing-package',
    cause: expect.stringMatching(/^cannot start no-such-program: No such file/),
  })
  await expect(spawner.run(['true'], { netns: '/no/such' })).rejects.toMatchObject({
    cause: expect.stringMatching(/^\/no\/such: No such file/),
  })
})

test('a program runs on file descriptors of ours', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ztlab-spawner-'))
  const { readFd, writeFd } = await new PipeSource(join(directory, 'pipes')).open()
  const errors = openSync(join(directory, 'errors'), 'w')
  const { pid, ended } = await spawner.start(['sh', '-c', 'echo $$; echo odd >&2; exit 4'], {
    stdin: null,
    stdout: writeFd,
    stderr: errors,
  })
  expect(await ended).toBe(4)
  const said = Buffer.alloc(100)
  const { readSync } = await import('node:fs')
  expect(said.subarray(0, readSync(readFd, said)).toString()).toBe(`${pid}\n`)
  expect(readFileSync(join(directory, 'errors'), 'utf8')).toBe('odd\n')
  await rm(directory, { recursive: true })
})

test('without its process nothing is started, and who waits hears of it', async () => {
  const other = new Spawner(join(root, 'src/embedded/runtime/agent/spawner.pl'))
  const waiting = other.run(['sleep', '60'])
  other.close()
  await expect(waiting).rejects.toMatchObject({ code: 'command-failed' })
  await expect(other.run(['true'])).rejects.toMatchObject({ code: 'command-failed' })
})
