import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { fixtureLabs, homeForTests, root, testOnCluster } from '../support/ztlab.ts'

const home = homeForTests()
const name = 'commands'
/** The cluster of all these tests, made by the first that asks. */
const up = once(() => home.ztlab(['cluster', 'up', '--name', name]))
/** Its workloads: those of the lab tiny. */
const deployed = once(async () => {
  await up()
  await withKube(async (kube) => kube.waitReady(await kube.apply(workloads())))
})

test('the program starts by itself, as npx starts it', () => {
  const { status, stdout } = spawnSync(join(root, 'dist/ztlab.js'), ['--version'], { encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test('render takes values as arguments', async () => {
  const { code, stdout } = await home.ztlab(['render', 'default-deny', 'namespace=shop'])
  expect(code).toBe(0)
  expect(parse(stdout).metadata).toEqual({ name: 'default-deny', namespace: 'shop' })
})

testOnCluster('cluster up makes a cluster that stays, and says how to go on', async () => {
  const { code, stdout } = await up()
  expect(code).toBe(0)
  expect(stdout).toContain(`cluster ${name} (embedded) is up: node-1, node-2`)
  for (const verb of ['kubeconfig', 'shell', 'down']) expect(stdout).toContain(`ztlab cluster ${verb}`)
  const again = await home.ztlab(['cluster', 'up', '--name', name])
  expect(again).toMatchObject({ code: 2, stdout: '' })
  expect(again.stderr).toContain(`next: ztlab cluster down --name ${name}`)
})

testOnCluster('cluster list names it', async () => {
  await up()
  expect(await home.ztlab(['cluster', 'list'])).toMatchObject({
    code: 0,
    // Clusters of kind that others made may be listed too.
    stdout: expect.stringContaining(`embedded\t${name}\n`),
  })
  const json = await home.ztlab(['cluster', 'list', '--output', 'json'])
  expect(JSON.parse(json.stdout)).toEqual({
    ...{ apiVersion: 'ztlab.dev/v1', kind: 'ClusterList' },
    items: expect.arrayContaining([{ name, cluster: 'embedded' }]),
  })
})

testOnCluster('cluster kubeconfig prints what a client needs, and keeps it private', async () => {
  await up()
  const { code, stdout } = await home.ztlab(['cluster', 'kubeconfig'])
  expect(code).toBe(0)
  const { clusters } = parse(stdout)
  expect(clusters[0].cluster.server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  expect(statSync(join(home.state, name)).mode & 0o777).toBe(0o700)
  for (const file of ['kubeconfig', 'cluster.json'])
    expect(statSync(join(home.state, name, file)).mode & 0o777).toBe(0o600)
  await withKube(async (kube) => {
    const nodes = await kube.list('v1', 'Node')
    expect(nodes.map(({ metadata }) => metadata.name)).toEqual(['node-1', 'node-2'])
  })
})

testOnCluster('cluster shell: a script on stdin, a command, a node that is not there', async () => {
  await up()
  const stdin = 'ip -brief link show vxlan.calico\nexit 7\n'
  const script = await home.ztlab(['cluster', 'shell', '--name', name], { stdin })
  expect(script).toMatchObject({ code: 7, stdout: expect.stringContaining('vxlan.calico') })
  const command = ['--', 'ip', '-brief', 'address', 'show', 'eth0']
  const one = await home.ztlab(['cluster', 'shell', '--node', 'node-2', ...command])
  expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('172.18.0.3/16') })
  expect(one.stderr).toContain('node node-2: nsenter ')
  const none = await home.ztlab(['cluster', 'shell', '--node', 'node-9'])
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('its nodes are node-1, node-2') })
})

testOnCluster(
  'matrix: a file of expectations, one that is wrong, and edges on the command line',
  async () => {
    await deployed()
    const file = join(home.directory, 'expected.yaml')
    const table = (cell: string) => `ports: [TCP/80]
matrix: |
  from \\ to   | tiny/web | tiny/web:TCP/81 | dns:web.tiny
  tiny/client | ${cell} | refused | dns-failure
`
    writeFileSync(file, table('allow'))
    const right = await home.ztlab(['matrix', '--file', file, '--output', 'json'])
    expect(right.code).toBe(0)
    expect(JSON.parse(right.stdout)).toMatchObject({
      apiVersion: 'ztlab.dev/v1',
      kind: 'Comparison',
      ok: true,
      cells: [{ measured: 'allowed' }, { measured: 'refused' }, { measured: 'dns-failure' }],
    })
    writeFileSync(file, table('deny'))
    const wrong = await home.ztlab(['matrix', '--file', file])
    expect(wrong).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('tiny/client -> tiny/web TCP/80: expected deny, predicted allowed'),
    })
    const edges = ['--from', 'tiny/client', '--to', 'tiny/web', '--port', 'TCP/80', '--timeout', '5000']
    const asked = await home.ztlab(['matrix', ...edges, '--output', 'json'])
    expect(asked.code).toBe(0)
    expect(JSON.parse(asked.stdout).cells).toEqual([
      expect.objectContaining({ expected: null, predicted: 'allowed', measured: 'allowed' }),
    ])
  },
)

testOnCluster('inspect pod: from the pod down to its Linux objects', async () => {
  await deployed()
  const { code, stdout } = await home.ztlab(['inspect', 'pod', 'tiny/web', '--output', 'json'])
  expect(code).toBe(0)
  const found = JSON.parse(stdout)
  const veth = `cali${createHash('sha1').update('tiny.web').digest('hex').slice(0, 11)}`
  expect(found).toMatchObject({
    ...{ apiVersion: 'ztlab.dev/v1', kind: 'Inspection' },
    pod: 'tiny/web',
    node: expect.stringMatching(/^node-[12]$/),
    address: expect.stringMatching(/^192\.168\./),
    containers: [{ name: 'web', pid: expect.any(Number) }],
    veth: { podInterface: 'eth0', nodeInterface: veth },
  })
  expect(found.rules.length).toBeGreaterThan(0)
  // What it says holds on the node.
  const shell = (argv: string[]) => home.ztlab(['cluster', 'shell', '--node', found.node, '--', ...argv])
  const network = await shell(['readlink', `/proc/${found.containers[0].pid}/ns/net`])
  expect(network.stdout.trim()).toBe(`net:[${found.namespaces.net}]`)
  expect((await shell(['ip', 'route', 'get', found.address])).stdout).toContain(`dev ${veth}`)
  const text = await home.ztlab(['inspect', 'pod', 'tiny/web'])
  expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining(veth) })
  const none = await home.ztlab(['inspect', 'pod', 'tiny/nobody'])
  expect(none).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('ERROR [not-found]') })
})

testOnCluster(
  'lab run --name uses the running cluster and takes away what it made, and nothing else',
  async () => {
    await deployed()
    const lab = join(fixtureLabs, 'tiny')
    const foreign = await home.ztlab(['lab', 'run', lab, '--name', name])
    expect(foreign).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Pod tiny/web: exists already (it is not ours; delete it yourself)'),
    })
    await withKube((kube) => kube.delete(workloads(), { gracePeriodSeconds: 0 }))
    const { code, stderr } = await home.ztlab(['lab', 'run', lab, '--name', name])
    expect({ code, stderr }).toEqual({ code: 0, stderr: `cluster: embedded ${name}\n` })
    await withKube(async (kube) => expect(await kube.get('v1', 'Namespace', 'tiny')).toBeNull())
  },
)

testOnCluster('cluster down takes it away, and that nothing is there is as good', async () => {
  await up()
  const first = await home.ztlab(['cluster', 'down', '--name', name])
  expect(first).toMatchObject({ code: 0, stdout: `cluster ${name} is gone\n` })
  expect(existsSync(join(home.state, name))).toBe(false)
  const second = await home.ztlab(['cluster', 'down', '--name', name])
  expect(second).toMatchObject({ code: 0, stdout: `no embedded cluster named ${name} was running\n` })
  expect(await home.ztlab(['cluster', 'list'])).toMatchObject({
    code: 0,
    stdout: expect.not.stringContaining('embedded'),
  })
})

testOnCluster('doctor says that a cluster can run here', async () => {
  const { code, stdout } = await home.ztlab(['doctor'])
  expect(code).toBe(0)
  expect(stdout).toContain('a cluster of kind embedded can run here')
})

test('lab list and lab show need no cluster', async () => {
  const list = await home.ztlab(['lab', 'list', '--output', 'json'])
  expect(list.code).toBe(0)
  expect(JSON.parse(list.stdout)).toMatchObject({
    ...{ apiVersion: 'ztlab.dev/v1', kind: 'LabList' },
    items: expect.arrayContaining([
      expect.objectContaining({ id: 'calico-basics', level: 'beginner', steps: 7 }),
    ]),
  })
  const show = await home.ztlab(['lab', 'show', 'calico-basics'])
  expect(show.code).toBe(0)
  expect(show.stdout).toContain('Step 2/7')
  expect(show.stdout).toContain('kind: NetworkPolicy')
  const json = await home.ztlab(['lab', 'show', 'calico-basics', '--output', 'json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'LabPlan', id: 'calico-basics', nodes: 2 })
})

test('render prints a template with its values in it, and lists the templates', async () => {
  const list = await home.ztlab(['render'])
  expect(list.code).toBe(0)
  for (const template of ['default-deny', 'allow-dns', 'allow-web']) expect(list.stdout).toContain(template)
  const { code, stdout } = await home.ztlab(['render', 'default-deny', '--set', 'namespace=shop'])
  expect(code).toBe(0)
  const json = await home.ztlab(['render', 'default-deny', 'namespace=shop', '-o', 'json'])
  const documents = parseAllDocuments(stdout).map((document) => document.toJS())
  expect(JSON.parse(json.stdout)).toEqual({ apiVersion: 'v1', kind: 'List', items: documents })
  expect(documents).toEqual([
    expect.objectContaining({ metadata: expect.objectContaining({ namespace: 'shop' }) }),
  ])
})

test('help names every command and exits 0', async () => {
  const { code, stdout, stderr } = await home.ztlab(['--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  for (const noun of ['lab', 'cluster', 'matrix', 'render', 'inspect', 'doctor'])
    expect(stdout).toContain(noun)
})

function workloads(): KubernetesObject[] {
  const text = readFileSync(join(fixtureLabs, 'tiny/workloads.yaml'), 'utf8')
  return parseAllDocuments(text).map((document) => document.toJS())
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

async function withKube(work: (kube: KubeClient) => Promise<unknown>): Promise<void> {
  const { stdout } = await home.ztlab(['cluster', 'kubeconfig', '--name', name])
  const kube = await connectKube(stdout)
  try {
    await work(kube)
  } finally {
    kube.close()
  }
}
