import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../src/exec.ts'
import {
  type Finished,
  homeForTests,
  ordinaryUser,
  root,
  testOnCluster,
  testUnless,
} from '../support/ztlab.ts'

const home = homeForTests()
const labsBelow = 'test/fixtures/labs'

/** Its own root, for whoever is none, may mount too. */
const unshareMounts = [
  'unshare',
  '--mount',
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
]

/** The command line as it is typed in the project's folder, so that files are shown as they were given. */
const ztlab = (argv: string[]) => home.ztlab(argv, { cwd: root })

test.each([
  [
    'invalid-schema',
    ['lab.yaml:3:75 metadata.minuts: unknown key', 'lab.yaml:11:25 spec.steps[0].expect.ports[0]'],
  ],
  [
    'invalid-references',
    [
      'lab.yaml:21:25 spec.steps[0].expect.matrix: alow is no expectation',
      'lab.yaml:10:38 spec.steps[0].apply[0].values.port: the template has no such parameter',
      'broken.yaml:13:15 spec.egress[0].action: "allow" is not one of',
    ],
  ],
  [
    'bad-manifest',
    [
      'workloads.yaml:6:7 kind: v1 has no kind Pdo (did you mean Pod?)',
      'workloads.yaml:15:11 spec.ingres: unknown field (did you mean ingress?)',
      'policy.yaml:5:12 spec.selectr: unknown field (did you mean selector?)',
      'policy.yaml:7:15 spec.ingress[0].action: "allow" is not one of',
    ],
  ],
])('the lab %s: exit 2, every problem with its place, and nothing is started', async (name, problems) => {
  const finished = await ztlab(['lab', 'run', `./${labsBelow}/${name}`, '--output', 'json'])
  expect(finished).toMatchObject({ code: 2, stdout: '' })
  for (const problem of problems) expect(finished.stderr).toContain(`\n  ${labsBelow}/${name}/${problem}`)
  expectEveryPlace(finished)
  expect(finished.stderr).not.toContain('cluster: embedded')
  expect(existsSync(home.state) ? readdirSync(home.state) : []).toEqual([])
})

testOnCluster(
  'fields that only the API server knows: exit 2, with their places, and nothing stays',
  async () => {
    const finished = await ztlab(['lab', 'run', `./${labsBelow}/bad-field`, '--output', 'json'])
    expect(finished).toMatchObject({ code: 2, stdout: '' })
    const file = `${labsBelow}/bad-field/workloads.yaml`
    for (const problem of [
      `${file}:12:16 Pod bad-field/web: unknown field "spec.containers[0].commnad"`,
      `${file}:13:18 Pod bad-field/web: unknown field "spec.restartPolciy"`,
      `${file}:20:13 Service bad-field/web: spec.ports[0].port: Invalid value: 99999`,
    ])
      expect(finished.stderr).toContain(`\n  ${problem}`)
    expectEveryPlace(finished)
    expect(readdirSync(home.state)).toEqual([])
  },
)

describe('a lab that cannot be read is bad input, never a bug', () => {
  const lab = (name: string) => join(home.directory, name)
  const file = (steps: string) =>
    `apiVersion: ztlab.dev/v1\nkind: ClusterLab\nmetadata: {name: x, title: x, level: beginner, minutes: 1}\nspec:\n  manifests: [objects.yaml]\n  steps:\n${steps}`
  const step = '    - name: a\n'

  test.each<[string, (folder: string) => void, RegExp]>([
    [
      'lab.yaml is a folder',
      (folder) => mkdirSync(join(folder, 'lab.yaml')),
      /lab\.yaml cannot be read\nwhy: it is a folder/,
    ],
    [
      'a manifest is a folder',
      (folder) => {
        writeFileSync(join(folder, 'lab.yaml'), file(step))
        mkdirSync(join(folder, 'objects.yaml'))
      },
      /lab\.yaml:5:15 spec\.manifests\[0\]: .*objects\.yaml cannot be read \(it is a folder\)/,
    ],
    [
      'a manifest is no UTF-8',
      (folder) => {
        writeFileSync(join(folder, 'lab.yaml'), file(step))
        writeFileSync(join(folder, 'objects.yaml'), Buffer.from('# \n# caf\xe9\n', 'latin1'))
      },
      /objects\.yaml:2:6 is not UTF-8/,
    ],
    [
      'an alias leads nowhere',
      (folder) => writeFileSync(join(folder, 'lab.yaml'), file(`${step}      expect: *nobody\n`)),
      /lab\.yaml:8:15 Unresolved alias .*: nobody/,
    ],
    [
      'aliases without end',
      (folder) => {
        const levels = [...Array(8).keys()].map(
          (n) => `x${n + 1}: &x${n + 1} [${Array(9).fill(`*x${n}`).join(', ')}]\n`,
        )
        writeFileSync(join(folder, 'lab.yaml'), `${file(step)}x0: &x0 [x, x, x]\n${levels.join('')}`)
      },
      /lab\.yaml:1:1 Excessive alias count/,
    ],
    [
      'two documents',
      (folder) => writeFileSync(join(folder, 'lab.yaml'), `${file(step)}---\n${file(step)}`),
      /lab\.yaml:8:1 there may be only one document here/,
    ],
  ])('%s', async (name, write, problem) => {
    const folder = lab(name.replaceAll(' ', '-'))
    mkdirSync(folder)
    write(folder)
    const finished = await ztlab(['lab', 'show', folder])
    expect(finished).toMatchObject({ code: 2, stdout: '' })
    expect(finished.stderr).toMatch(problem)
    expect(finished.stderr).toMatch(/^next: ./m)
  })
})

test('a folder without a file of objects is no answer', async () => {
  const folder = join(home.directory, 'nothing')
  mkdirSync(folder)
  for (const command of ['lint', 'predict', 'exposure']) {
    const { code, stdout, stderr } = await ztlab([command, '-f', folder])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`${folder}: no file of Kubernetes objects is in there`)
  }
})

test('template values: exit 2, every wrong one named', async () => {
  const finished = await ztlab(['render', 'allow-web', '--set', 'namespace=Shop', '--set', 'colour=red'])
  expect(finished).toMatchObject({ code: 2, stdout: '' })
  expect(problemsIn(finished)).toEqual([
    expect.stringMatching(/^colour: the template has no such parameter/),
    expect.stringMatching(/^namespace: "Shop" is not a DNS label/),
    expect.stringMatching(/^server: is missing/),
    expect.stringMatching(/^client: is missing/),
  ])
})

test('a values file that is no YAML and one that holds wrong values: exit 2 with the place', async () => {
  const file = join(home.directory, 'values.yaml')
  writeFileSync(file, 'namespace: Shop\nserver: { app: web }\nclient: web\n')
  const wrong = await ztlab(['render', 'allow-web', '-f', file])
  expect(wrong).toMatchObject({ code: 2, stdout: '' })
  expect(problemsIn(wrong)).toEqual([
    expect.stringContaining(`${file}:1:12 namespace: "Shop" is not a DNS label`),
    expect.stringContaining(`${file}:3:9 client: `),
  ])
  writeFileSync(file, 'namespace: [\n')
  const broken = await ztlab(['render', 'allow-web', '-f', file])
  expect(broken).toMatchObject({ code: 2, stdout: '' })
  expect(broken.stderr).toMatch(/values\.yaml:\d+:\d+ /)
})

test.each([
  [['nonsense'], /unknown command 'nonsense'/],
  [
    ['lab', 'run', 'calico-basic'],
    /no lab is called calico-basic\nwhy: .*\nnext: ztlab lab run calico-basics/,
  ],
  [['lint', 'policies'], /files and folders are given with -f\nnext: ztlab lint -f/],
  [['render', 'default-deny', 'namespace'], /namespace is no value/],
  [['lab', 'run', './nowhere'], /there is no lab\.yaml in \.\/nowhere/],
  [['lab', 'run', 'calico-basics', '--cluster', 'minikube'], /no kind of cluster called minikube/],
  [['lab', 'run', 'calico-basics', '--nodes', 'two'], /--nodes takes a number/],
  [['lab', 'list', '--output', 'xml'], /xml/],
  [['cluster', 'up', '--name', 'Bad Name'], /no name for a cluster/],
  [['matrix', '--name', 'nobody'], /no embedded cluster named nobody is running/],
  [['render', 'no-such-template'], /no-such-template/],
])('%j: exit 2, what is wrong and what to type next', async (argv, message) => {
  const { code, stdout, stderr } = await ztlab(argv)
  expect({ code, stdout: argv[1] === 'run' ? '' : stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^ERROR \[(bad-input|not-found)\] /m)
  expect(stderr).toMatch(message)
  expect(stderr).toMatch(/^next: ./m)
})

test.each([
  [['predict', '-o', 'junit', '-f', 'policies'], 'text, json, markdown'],
  [['flows', '-o', 'junit'], 'text, json'],
  [['cluster', 'list', '-o', 'markdown'], 'text, json'],
  [['doctor', '-o', 'junit'], 'text, json'],
])('%j: a format that the command has not is refused, with those it has', async (argv, formats) => {
  const { code, stdout, stderr } = await ztlab(argv)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(`Allowed choices are ${formats}.\n`)
})

describe('a place where no cluster can keep its state', () => {
  const ordinary = ordinaryUser()
  const file = (name: string) => {
    const path = join(home.directory, name)
    writeFileSync(path, '')
    return path
  }

  test.each([
    ['is a file', () => file('state-file'), 3, /^ERROR \[missing-permission\] nothing can be written to /],
    [
      'is below a file',
      () => join(file('state-parent'), 'x'),
      3,
      /^ERROR \[missing-permission\] nothing can be /,
    ],
    [
      'has a long path',
      () => join(home.directory, 'x'.repeat(110)),
      2,
      /is too long a path for a cluster's state/,
    ],
  ])('%s: said before anything starts', async (_what, state, expected, message) => {
    const env = { ZTLAB_STATE_DIR: state() }
    const { code, stdout, stderr } = await home.ztlab(['cluster', 'up', '--name', 'x'], { env })
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^next: ZTLAB_STATE_DIR=/m)
  })

  testUnless(ordinary.reason, {
    title: 'that the user may not write to',
    async body() {
      const argv = ['setpriv', '--reuid', String(ordinary.user!.uid), '--regid', String(ordinary.user!.uid)]
      const env = { ZTLAB_STATE_DIR: join(home.directory, 'of-root'), HOME: undefined }
      const within = [...argv, '--clear-groups']
      const { code, stderr } = await home.ztlab(['cluster', 'up', '--name', 'x'], { env, within })
      expect(code).toBe(3)
      expect(stderr).toMatch(/^ERROR \[missing-permission\] nothing can be written to .*\nwhy: EACCES/)
    },
  })
})

testUnless(existsSync('/dev/full') ? null : 'there is no /dev/full', {
  title: 'a result that cannot be written is a failure of the environment, not a finding',
  async body() {
    const within = ['sh', '-c', 'exec "$@" > /dev/full', 'sh']
    const { code, stderr } = await home.ztlab(['--help'], { within })
    expect(code).toBe(3)
    expect(stderr).toMatch(/^ERROR \[command-failed\] the result cannot be written .*\nwhy: ENOSPC/)
  },
})

test('whoever no longer reads stderr changes no exit code', async () => {
  const within = ['sh', '-c', 'exec "$@" 2> /dev/full', 'sh']
  expect(await home.ztlab(['nonsense'], { within })).toMatchObject({ code: 2, stderr: '' })
})

testOnCluster('few open files: containers get what there is', async () => {
  const within = ['sh', '-c', 'ulimit -n 256 && exec "$@"', 'sh']
  const finished = await home.ztlab(['cluster', 'up', '--name', 'few-files'], { within })
  await home.ztlab(['cluster', 'down', '--name', 'few-files'])
  expect(finished).toMatchObject({ code: 0 })
})

testOnCluster('a state directory may be written relative to the working directory', async () => {
  const at = { cwd: home.directory, env: { ZTLAB_STATE_DIR: 'relative' } }
  const finished = await home.ztlab(['cluster', 'up', '--name', 'relative'], at)
  await home.ztlab(['cluster', 'down', '--name', 'relative'], at)
  expect(finished).toMatchObject({ code: 0 })
})

testUnless(await whyNoMountNamespace(), {
  title: 'a missing package: exit 3 with the line to type',
  async body() {
    const within = await hidingProgram('runc')
    const { code, stderr } = await home.ztlab(['lab', 'run', 'calico-basics', '--output', 'json'], { within })
    expect(code).toBe(3)
    expect(stderr).toContain('ERROR [missing-package] ')
    expect(stderr).toMatch(/^next: apt-get install runc$/m)
    const doctor = await home.ztlab(['doctor', '--output', 'json'], { within })
    expect(doctor.code).toBe(3)
    expect(JSON.parse(doctor.stdout)).toMatchObject({
      ...{ apiVersion: 'ztlab.dev/v1', kind: 'Checks' },
      ok: false,
      checks: expect.arrayContaining([
        expect.objectContaining({ title: 'runc', ok: false, cure: expect.any(String) }),
      ]),
    })
  },
})

/** What to put in front of a command so that a program is not there for it, wherever it is installed. */
async function hidingProgram(program: string): Promise<string[]> {
  const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
  const installed = folders.map((folder) => join(folder, program)).filter((file) => existsSync(file))
  const files = new Set(installed.map((file) => realpathSync(file)))
  const script = [...files].map((file) => `mount --bind /dev/null ${file}`).join(' && ')
  return [...unshareMounts, 'sh', '-c', `${script || 'true'} && exec "$@"`, 'sh']
}

async function whyNoMountNamespace(): Promise<string | null> {
  const { code, stderr } = await run([...unshareMounts, 'true'], { allowFailure: true })
  return code === 0 ? null : `no mount namespaces here: ${stderr.trim()}`
}

function problemsIn({ stderr }: Finished): string[] {
  return stderr
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => line.trim())
}

function expectEveryPlace(finished: Finished): void {
  const problems = problemsIn(finished)
  expect(problems.length).toBeGreaterThan(1)
  for (const problem of problems) expect(problem).toMatch(/^[\w./-]+\.yaml:\d+:\d+ ./)
}

testOnCluster(
  'a state folder whose sockets would have too long a path is refused, a relative one is not',
  async () => {
    const far = join(home.directory, 'x'.repeat(80))
    const refused = await home.ztlab(['cluster', 'up', '--name', 'far'], { env: { ZTLAB_STATE_DIR: far } })
    expect(refused.stderr).toMatch(/too long a path .*\n.*its sockets have \d+ bytes/)
    expect(refused.code).toBe(2)
    expect(existsSync(far)).toBe(false)
    const near = { cwd: home.directory, env: { ZTLAB_STATE_DIR: 'near' } }
    expect(await home.ztlab(['cluster', 'up', '--name', 'near', '--nodes', '1'], near)).toMatchObject({
      code: 0,
    })
    expect(await home.ztlab(['cluster', 'down', '--name', 'near'], near)).toMatchObject({ code: 0 })
  },
)

test('a command in a folder that is gone says so', async () => {
  const folder = join(home.directory, 'gone')
  mkdirSync(folder)
  const within = ['sh', '-c', `rmdir "$PWD"; exec "$@"`, 'sh']
  const { code, stderr } = await home.ztlab(['lab', 'list'], { cwd: folder, within })
  expect(stderr).toMatch(/^ERROR \[not-found\] the folder that this was typed in is there no more$/m)
  expect(code).toBe(2)
})
