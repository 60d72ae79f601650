import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LabRun } from '../../src/report/index.ts'
import { elements, parseXml } from '../support/xml.ts'
import { homeForTests, labs, ordinaryUser, testOnCluster, testUnless } from '../support/ztlab.ts'

const home = homeForTests()

const stepNames = [
  'baseline',
  'default-deny',
  'allow-dns-own-namespace',
  'allow-dns',
  'allow-web-ingress-only',
  'allow-web',
  'clean-up',
]

testOnCluster('json: one document on stdout, every cell with its three answers and its reason', async () => {
  const { code, stdout, stderr } = await home.ztlab(['lab', 'run', 'calico-basics', '--output', 'json'])
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  expect(stderr).toContain('cluster: embedded calico-basics-')
  const run = JSON.parse(stdout) as LabRun
  expect(run).toMatchObject({
    apiVersion: 'ztlab.dev/v1',
    kind: 'LabRun',
    lab: { id: 'calico-basics' },
    cluster: { backend: 'embedded', nodes: 2, name: expect.stringMatching(/^calico-basics-/) },
    ok: true,
    durationMs: expect.any(Number),
  })
  expect(run.steps.map(({ name }) => name)).toEqual(stepNames)
  for (const { cells, durationMs, measureMs, execs, ok } of run.steps) {
    expect({ ok, durationMs, measureMs }).toEqual({
      ok: true,
      durationMs: expect.any(Number),
      measureMs: expect.any(Number),
    })
    expect(cells.length).toBeGreaterThan(0)
    expect(execs).toBeGreaterThan(0)
    for (const cell of cells) expect(cell).toMatchObject(wholeCell)
  }
})

const wholeCell = {
  from: expect.stringMatching(/^zero-trust-lab\//),
  to: expect.stringMatching(/./),
  protocol: expect.stringMatching(/^(TCP|UDP)$/),
  port: expect.any(Number),
  expected: expect.stringMatching(/./),
  predicted: expect.stringMatching(/./),
  measured: expect.stringMatching(/./),
  reason: expect.stringMatching(/./),
  ok: true,
}

testOnCluster('junit: a case per edge and the reason in it', async () => {
  const { code, stdout } = await home.ztlab(['lab', 'run', 'calico-basics', '--output', 'junit'])
  expectRight(code, stdout)
  const document = parseXml(stdout)
  expect(document).toMatchObject({ name: 'testsuites', attributes: { failures: '0' } })
  const suites = elements(document, 'testsuite')
  expect(suites.map(({ attributes }) => attributes.name)).toEqual(
    stepNames.map((name) => `calico-basics.${name}`),
  )
  const cases = elements(document, 'testcase')
  expect(document.attributes.tests).toBe(String(cases.length))
  for (const { attributes, children } of cases) {
    expect(attributes.name).toMatch(/^zero-trust-lab\/\S+ -> \S+ (TCP|UDP)\/\d+$/)
    expect(children).toHaveLength(1)
    expect(children[0]).toMatchObject({
      name: 'system-out',
      text: expect.stringMatching(/^expected .+, measured .+\npackets: ./),
    })
  }
})

testOnCluster('text: each step, its table and its explanation', async () => {
  const { code, stdout } = await home.ztlab(['lab', 'run', 'calico-basics'])
  expectRight(code, stdout)
  for (const title of ['Everything talks', 'Nothing talks', 'Least privilege'])
    expect(stdout).toContain(title)
  expect(stdout).toContain('✗ dropped')
  expect(stdout).toContain('○ dns-failure')
  expect(stdout).toContain('default-deny')
  expect(stdout).not.toContain('\x1b[')
})

testOnCluster('markdown: a heading and a table per step', async () => {
  const { code, stdout } = await home.ztlab(['lab', 'run', 'calico-basics', '--output', 'markdown'])
  expectRight(code, stdout)
  const separators = stdout.split('\n').filter((line) => /^\|[ :|-]+\|$/.test(line))
  expect(separators.length).toBeGreaterThanOrEqual(stepNames.length)
  for (const rows of tables(stdout)) {
    expect(new Set(rows.map((row) => row.replaceAll('\\|', '').split('|').length)).size).toBe(1)
  }
})

testOnCluster('a policy changed by hand: exit 1, the edges and the rule that decided', async () => {
  const folder = copyOfLab('port-81')
  // The ports of step allow-web, the last ones of the file.
  edit(join(folder, 'lab.yaml'), (text) => replaceLast(text, 'ports: [80]', 'ports: [81]'))
  const [text, json] = await Promise.all([
    home.ztlab(['lab', 'run', folder]),
    home.ztlab(['lab', 'run', folder, '--output', 'json']),
  ])
  expect(text.code).toBe(1)
  expect(text.stdout).toContain('zero-trust-lab/client -> zero-trust-lab/nginx-1 TCP/80')
  expect(text.stdout).toContain('zero-trust-lab/client -> zero-trust-lab/nginx-1 TCP/81')
  expect(text.stdout).toMatch(/allow-web-egress.*rule 0/)
  expect(json.code).toBe(1)
  const run = JSON.parse(json.stdout) as LabRun
  expect(run.steps.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['allow-web'])
  const wrong = run.steps[5]!.cells.filter(({ ok }) => !ok)
  expect(wrong.map(({ to, port, measured, oddOneOut }) => [to, port, measured, oddOneOut])).toEqual([
    ['zero-trust-lab/nginx-1', 80, 'dropped', 'expected'],
    ['zero-trust-lab/nginx-1', 81, 'allowed', 'expected'],
    ['svc/zero-trust-lab/nginx-1', 80, 'dropped', 'expected'],
    ['name:nginx-1', 80, 'dropped', 'expected'],
    ['name:nginx-admin', 81, 'allowed', 'expected'],
  ])
  expect(wrong[0]!.predictedReason).toMatch(/end of tier default/)
  expect(wrong[1]!.predictedReason).toMatch(/zero-trust-lab\/allow-web-egress.*rule 0/)
})

testOnCluster('an expectation turned round: exit 1, and the expectation is the odd one out', async () => {
  const folder = copyOfLab('turned')
  // The second cell of the client's row in step default-deny.
  const cell = /(zero-trust-lab\/client +\| deny +\|) deny ( +\| - +\| deny +\| dns-failure)/
  edit(join(folder, 'lab.yaml'), (text) => replaceOnce(text, cell, '$1 allow$2'))
  const { code, stdout } = await home.ztlab(['lab', 'run', folder, '--output', 'junit'])
  expect(code).toBe(1)
  const failed = elements(parseXml(stdout), 'testcase').filter(
    ({ children }) => children[0]!.name === 'failure',
  )
  expect(failed.map(({ attributes }) => [attributes.classname, attributes.name])).toEqual([
    ['calico-basics.default-deny', 'zero-trust-lab/client -> zero-trust-lab/nginx-1 TCP/81'],
  ])
  const failure = failed[0]!.children[0]!
  expect(failure.attributes.message).toBe('expected allow, predicted dropped, measured dropped')
  expect(failure.text).toContain(
    'end of tier default (isolated by NetworkPolicy zero-trust-lab/default-deny)',
  )
  expect(failure.text).toContain('packets and policies agree with each other')
})

testOnCluster(
  'with felix emptied nothing is enforced, and the first step that fails is default-deny',
  async () => {
    const { code, stdout } = await home.ztlab(['lab', 'run', 'calico-basics', '--output', 'json'], {
      env: { ZTLAB_TEST_EMPTY_FELIX: '1' },
    })
    expect(code).toBe(1)
    const { steps } = JSON.parse(stdout) as LabRun
    expect(steps.findIndex(({ ok }) => !ok)).toBe(1)
    const wrong = steps[1]!.cells.filter(({ ok }) => !ok)
    expect(wrong.length).toBeGreaterThan(0)
    for (const cell of wrong) expect(cell).toMatchObject({ measured: 'allowed', oddOneOut: 'measured' })
  },
)

testOnCluster('two runs at once do not meet', async () => {
  const runs = await Promise.all(
    [1, 2].map(() => home.ztlab(['lab', 'run', 'calico-basics', '--output', 'json'])),
  )
  expect(runs.map(({ code }) => code)).toEqual([0, 0])
  const names = runs.map(({ stdout }) => (JSON.parse(stdout) as LabRun).cluster.name)
  expect(new Set(names).size).toBe(2)
})

const { user, reason } = ordinaryUser()
testUnless(reason, {
  title: 'an ordinary user gets the same',
  async body() {
    const { code, stdout, stderr } = await homeOfUser!.ztlab([
      'lab',
      'run',
      'calico-basics',
      '--output',
      'json',
    ])
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    expect((JSON.parse(stdout) as LabRun).ok).toBe(true)
  },
})
const homeOfUser = user && homeForTests(user)

/** Else it says what was not as expected. */
function expectRight(code: number | null, stdout: string): void {
  expect({ code, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stdout: '' })
}

function copyOfLab(name: string): string {
  const folder = join(home.directory, name, 'calico-basics')
  cpSync(join(labs, 'calico-basics'), folder, { recursive: true })
  return folder
}

function edit(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

function replaceOnce(text: string, from: RegExp, to: string): string {
  expect(text.match(new RegExp(from, 'g'))).toHaveLength(1)
  return text.replace(from, to)
}

function replaceLast(text: string, from: string, to: string): string {
  const at = text.lastIndexOf(from)
  expect(at).toBeGreaterThan(0)
  return text.slice(0, at) + to + text.slice(at + from.length)
}

/** Runs of lines that begin with a bar. */
function tables(markdown: string): string[][] {
  const found: string[][] = []
  let within = false
  for (const line of markdown.split('\n')) {
    const isRow = line.startsWith('|')
    if (isRow && !within) found.push([])
    if (isRow) found.at(-1)!.push(line)
    within = isRow
  }
  return found
}
