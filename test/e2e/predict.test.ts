import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { homeForTests, testOnCluster } from '../support/ztlab.ts'
import { clusterOf, readRecording, type Scenario } from '../unit/policy/recordings.ts'

const home = homeForTests()

interface Cell {
  from: string
  to: string
  protocol: string
  port: number
  verdict: string
}

const recordings = ['calico-matrices.json', 'calico-matrices-rich.json'].map((file) => readRecording(file))
const scenarios = recordings.flatMap((recording) =>
  recording.scenarios.map((scenario): [string, { recording: typeof recording; scenario: Scenario }] => [
    scenario.id,
    { recording, scenario },
  ]),
)

test.each(scenarios)(
  'predict says of files what real Calico did: %s',
  async (id, { recording, scenario }) => {
    const folder = join(home.directory, id)
    mkdirSync(join(folder, 'deep'), { recursive: true })
    writeFileSync(
      join(folder, 'cluster.yaml'),
      clusterOf(recording)
        .map((one) => stringify(one))
        .join('---\n'),
    )
    writeFileSync(join(folder, 'deep/policies.json'), JSON.stringify(listOf(scenario.policies)))
    const argv = ['predict', '-f', folder, '--ports', 'TCP/80,TCP/81,UDP/80,UDP/81', '--output', 'json']
    const { code, stdout, stderr } = await home.ztlab(argv)
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('ERROR') })
    const { apiVersion, kind, cells } = JSON.parse(stdout) as {
      apiVersion: string
      kind: string
      cells: Cell[]
    }
    expect([apiVersion, kind, cells.length]).toEqual([
      'ztlab.dev/v1',
      'Matrix',
      4 * recording.pods.length ** 2,
    ])
    const said = new Map(
      cells.map(({ from, to, protocol, port, verdict }) => [`${from} ${to}|${protocol}/${port}`, verdict]),
    )
    const pods = new Set(recording.pods.map(({ namespace, name }) => `${namespace}/${name}`))
    const measured = Object.entries(scenario.cells).flatMap(([from, row]) =>
      Object.entries(row)
        .filter(([cell]) => pods.has(cell.split('|')[0]!))
        .map(([cell, verdict]) => [`${from} ${cell}`, verdict === 'allowed' ? 'allowed' : 'denied'] as const),
    )
    expect(measured.length).toBeGreaterThan(100)
    expect(measured.map(([key]) => [key, said.get(key)])).toEqual(measured)
  },
)

test('all that is wrong with the files is told with its place, and nothing is predicted', async () => {
  const stdin = 'apiVersion: v1\nkind: Pod\n---\nkind: NetworkPolicy\nmetadata: {name: x}\n'
  const { code, stdout, stderr } = await home.ztlab(['predict', '-f', '-'], { stdin })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('ERROR [bad-input] 2 problems in the files')
  expect(stderr).toContain('stdin:1:1 metadata.name: is missing')
  expect(stderr).toContain('stdin:4:1 apiVersion: is missing')
})

test('what cannot be known without an address asks for it', async () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'x' } }
  const ipBlock = { cidr: '10.0.0.0/8' }
  const spec = { podSelector: {}, ingress: [{ from: [{ ipBlock }] }] }
  const policy = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'x' },
    spec,
  }
  const stdin = JSON.stringify(listOf([pod, policy]))
  const asked = await home.ztlab(['predict', '-f', '-'], { stdin })
  expect(asked.code).toBe(2)
  expect(asked.stderr).toContain(
    'x/a: no address, and 10.0.0.0/8 of Kubernetes NetworkPolicy x/p may or may not hold it',
  )
  const told = await home.ztlab(['predict', '-f', '-', '--pod-cidr', '10.244.0.0/16'], { stdin })
  expect(told.code).toBe(0)
})

test('diff ends with 1 where it was told to', async () => {
  const pods = ['a', 'b'].map((name, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'x' },
    status: { podIP: `10.0.0.${index}` },
  }))
  const deny = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'x' },
    spec: { podSelector: {} },
  }
  const file = (name: string, objects: object[]) => {
    const path = join(home.directory, name)
    writeFileSync(path, JSON.stringify(listOf(objects)))
    return path
  }
  const [old, now, common] = [
    file('old.json', []),
    file('new.json', [deny]),
    file('pods.json', pods),
  ] as const
  const run = (failOn: string) => home.ztlab(['diff', old, now, '-f', common, '--fail-on', failOn])
  const [closed, opened] = [await run('closed'), await run('opened')]
  expect([closed.code, opened.code]).toEqual([1, 0])
  expect(closed.stdout).toContain('0 edges opened, 2 edges closed')
})

test('explain of a Service tells the endpoints behind it apart, and says why there is none', async () => {
  const pods = ['a', 'b', 'c'].map((name, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'x', labels: { role: name === 'a' ? 'client' : 'server', name } },
    spec: { containers: [{ name: 'main', image: 'x' }] },
    status: { podIP: `10.0.0.${index + 1}` },
  }))
  const service = (name: string, role: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'x' },
    spec: { clusterIP: '10.96.0.5', selector: { role }, ports: [{ port: 80, targetPort: 8080 }] },
  })
  const deny = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'closed', namespace: 'x' },
    spec: { podSelector: { matchLabels: { name: 'c' } } },
  }
  const path = join(home.directory, 'services.json')
  writeFileSync(path, JSON.stringify(listOf([...pods, service('all', 'server'), service('none', 'x'), deny])))
  const explain = (to: string) => home.ztlab(['explain', 'x/a', to, 'TCP/80', '-f', path, '-o', 'json'])
  const { code, stdout } = await explain('svc/x/all')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'Explanation',
    verdict: 'depends',
    endpoints: [
      { endpoint: 'x/b', port: 8080, verdict: 'allowed' },
      { endpoint: 'x/c', port: 8080, verdict: 'denied', reason: expect.stringContaining('x/closed') },
    ],
  })
  const nobody = await explain('svc/x/none')
  expect(nobody).toMatchObject({ code: 2, stderr: expect.stringContaining('no ready endpoint') })
})

testOnCluster('predict reads a running cluster', async () => {
  await home.ztlab(['cluster', 'up', '--name', 'predict'])
  const { code, stdout } = await home.ztlab(['predict', '--name', 'predict', '--output', 'json'])
  await home.ztlab(['cluster', 'down', '--name', 'predict'])
  expect(code).toBe(0)
  const { cells } = JSON.parse(stdout) as { cells: Cell[] }
  expect(cells.length).toBeGreaterThan(0)
  expect(cells.every(({ from, verdict }) => from.startsWith('kube-system/') && verdict === 'allowed')).toBe(
    true,
  )
})

function listOf(items: object[]): object {
  return { apiVersion: 'v1', kind: 'List', items }
}
