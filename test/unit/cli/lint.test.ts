import { join, relative } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { runCli } from '../../../src/cli/index.ts'
import { expectGolden } from '../../support/golden.ts'

const fixture = relative(process.cwd(), join(import.meta.dirname, '../../fixtures/lint/shop.yaml'))

async function type(argv: string[], input = '') {
  const text = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk, _encoding, done) {
        text[name] += chunk
        done()
      },
    })
  const stdin = new PassThrough()
  stdin.end(input)
  const streams = { stdout: stream('stdout'), stderr: stream('stderr'), stdin }
  const code = await runCli(['lint', ...argv], {
    ...streams,
    signal: new AbortController().signal,
    letGo: () => undefined,
  })
  return { code, ...text }
}

test.each([
  ['text', 'txt'],
  ['json', 'json'],
  ['github', 'github.txt'],
])('findings of a file as %s', async (format, ending) => {
  const { code, stdout } = await type(['-f', fixture, '-o', format])
  expect(code).toBe(1)
  expectGolden(`lint/shop.${ending}`, stdout)
})

test('--fail-on says from which severity the exit code is 1', async () => {
  const warning = `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: { name: deny, namespace: shop }
spec: { selector: all() }`
  expect((await type(['-f', '-'], warning)).code).toBe(0)
  expect((await type(['-f', '-', '--fail-on', 'warning'], warning)).code).toBe(1)
  expect(
    (await type(['-f', '-', '--fail-on', 'info'], warning.replace('all() ', 'all(), types: [Ingress] ')))
      .code,
  ).toBe(0)
})

test('what nobody finds fault with ends with 0 and says so', async () => {
  const { code, stdout } = await type(
    ['-f', '-'],
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n',
  )
  expect({ code, last: stdout.trim().split('\n').at(-1) }).toEqual({ code: 0, last: 'nothing found' })
})

test('a text that is no YAML, and a command without a file, end with 2', async () => {
  const broken = await type(['-f', '-'], 'apiVersion: [')
  expect(broken.code).toBe(2)
  expect(broken.stderr).toContain('stdin:1:')
  expect((await type([])).code).toBe(2)
})

test('a policy that the API server refuses is a finding, at its place', async () => {
  const { code, stdout } = await type(
    ['-f', '-'],
    `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: a, namespace: shop }
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - ports: [{ protocol: TCP, port: 99999 }]
`,
  )
  expect(code).toBe(1)
  expect(stdout).toContain('stdin:8:38 error invalid-policy')
})
