import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { runCli } from '../../../src/cli/index.ts'

// What these commands do to clusters, they do to nobody's.
const state = mkdtempSync(join(tmpdir(), 'ztlab-run-'))
process.env.ZTLAB_STATE_DIR = state
afterAll(() => rmSync(state, { recursive: true }))

async function type(argv: string[], signal = new AbortController().signal) {
  let holds = true
  const text = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk, _encoding, done) {
        text[name] += chunk
        done()
      },
    })
  const code = await runCli(argv, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    stdin: new PassThrough(),
    signal,
    letGo() {
      holds = false
    },
  })
  return { code, holds, ...text }
}

test('help is a result', async () => {
  const { code, stdout, stderr } = await type(['--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('Usage: ztlab')
})

test('a wrong option is rendered once, on stderr, and ends with 2', async () => {
  const { code, stdout, stderr } = await type(['doctor', '--nonsense'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toBe("ERROR [bad-input] unknown option '--nonsense'\nnext: ztlab doctor --help\n")
})

test('a kind of cluster that does not exist is refused with those that do', async () => {
  const { code, stderr } = await type(['doctor', '--cluster', 'minikube'])
  expect(code).toBe(2)
  expect(stderr).toContain('these exist: embedded, kind, context:NAME')
})

test('an interrupted command ends with 130', async () => {
  const { code } = await type(['lab', 'list'], AbortSignal.abort())
  expect(code).toBe(130)
})

test('what only reads and computes is let go: Ctrl-C ends it, also while it computes', async () => {
  expect(await type(['lab', 'list'])).toMatchObject({ code: 0, holds: false })
  expect(await type(['cluster', 'down', '--name', 'none'])).toMatchObject({ holds: true })
})

test.each([[], ['--dry-run']])('a wrong number of nodes is said before anything else %j', async (...more) => {
  const { code, stdout, stderr } = await type(['lab', 'run', 'calico-basics', '--nodes', '0', ...more])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('--nodes takes a number from 1 to 9')
})

test.each(['UPPER', '-x', 'a'.repeat(40), '../etc'])('%s is no name of a cluster', async (name) => {
  const { code, stderr } = await type(['cluster', 'up', `--name=${name}`])
  expect(code).toBe(2)
  expect(stderr).toContain('is no name for a cluster')
})
