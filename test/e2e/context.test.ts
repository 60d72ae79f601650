import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { changes, dumpCluster } from '../support/cluster-dump.ts'
import { eventually } from '../support/eventually.ts'
import { withObjects } from '../support/with-objects.ts'
import { type Finished, fixtureLabs, homeForTests, testOnCluster } from '../support/ztlab.ts'
import { podsOf } from './pods.ts'

/**
 * An existing cluster through its kubeconfig: one that ZTLAB_TEST_KUBECONFIG names (its current context), else an
 * embedded cluster of this test's own, which knows nothing of being used so.
 */
const given = process.env.ZTLAB_TEST_KUBECONFIG
const home = homeForTests()
const file = join(home.directory, 'kubeconfig')
let name: string
let kube: KubeClient

beforeAll(async () => {
  if (!given) await home.ztlab(['cluster', 'up', '--name', 'ctx'])
  const text = given
    ? readFileSync(given, 'utf8')
    : (await home.ztlab(['cluster', 'kubeconfig', '--name', 'ctx', '--quiet'])).stdout
  writeFileSync(file, text, { mode: 0o600 })
  name = (parse(text) as { 'current-context': string })['current-context']
  kube = await connectKube(text)
}, 300_000)
afterAll(async () => {
  kube?.close()
  if (!given) await home.ztlab(['cluster', 'down', '--name', 'ctx'])
})

const onContext = (argv: string[], kubeconfig = file): Promise<Finished> =>
  home.ztlab([...argv, '--cluster', `context:${name}`, '--kubeconfig', kubeconfig], { timeoutMs: 240_000 })

const testHere = (title: string, body: () => Promise<void>, timeoutMs = 600_000) =>
  given ? test(title, body, timeoutMs) : testOnCluster(title, body, timeoutMs)

testHere('doctor sees a deny bite, and leaves the cluster as it was', async () => {
  const before = await dumpCluster(kube)
  const { code, stdout } = await onContext(['doctor'])
  expect(stdout).toContain('a policy that denies was seen to bite')
  expect(code).toBe(0)
  expect(changes(before, await dumpCluster(kube))).toEqual([])
})

testHere(
  'a lab runs as on a cluster of its own, and leaves every object byte for byte as it was',
  async () => {
    const before = await dumpCluster(kube)
    const { code, stdout, stderr } = await onContext(['lab', 'run', 'calico-basics'])
    expect(`${stderr}${stdout}`).toContain('all as expected')
    expect(code).toBe(0)
    expect(changes(before, await dumpCluster(kube))).toEqual([])
  },
)

testHere('--dry-run shows every object, and writes none', async () => {
  const before = await dumpCluster(kube)
  const { code, stdout } = await onContext(['lab', 'run', 'calico-basics', '--dry-run'])
  expect(code).toBe(0)
  const kinds = parseAllDocuments(stdout).map((document) => (document.toJSON() as KubernetesObject).kind)
  expect(kinds).toEqual(expect.arrayContaining(['Namespace', 'Pod', 'Service', 'NetworkPolicy']))
  expect(stdout).toContain('the canary')
  expect(stdout).toMatch(/shells on nodes[\s\S]*privileged: true/)
  expect(changes(before, await dumpCluster(kube))).toEqual([])
})

testHere('a namespace of others is refused, unless --namespace names it', async () => {
  const foreign: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'zero-trust-lab', labels: { team: 'others' } },
  }
  await kube.apply([foreign])
  try {
    const refused = await onContext(['lab', 'run', 'calico-basics'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('it is not ours')])
    const before = await dumpCluster(kube)
    const shared = await onContext(['lab', 'run', 'calico-basics', '--namespace', 'zero-trust-lab'])
    expect(shared.stdout).toContain('all as expected')
    expect(changes(before, await dumpCluster(kube))).toEqual([])
  } finally {
    await kube.delete([foreign])
  }
})

testHere('what a killed run left is deleted by the next one', async () => {
  const before = await dumpCluster(kube)
  // Its second step takes a minute: it cannot be over before it is killed.
  const lab = join(fixtureLabs, 'long-step')
  const run = home.start(['lab', 'run', lab, '--cluster', `context:${name}`, '--kubeconfig', file])
  await run.says(/Step 2/)
  run.process.kill('SIGKILL')
  await run.finished
  expect(await dumpCluster(kube)).not.toBe(before)
  const { code } = await onContext(['doctor'])
  expect(code).toBe(0)
  expect(changes(before, await dumpCluster(kube))).toEqual([])
})

testHere('sources are chosen by selector; nodes, Services and names are destinations', async () => {
  await withShop(async () => {
    const targets = ['shop-ctx/app=db', 'svc/shop-ctx/db', 'name:db.shop-ctx', 'dns:db.shop-ctx']
    const { stdout, code } = await onContext([
      'matrix',
      ...['--from', 'shop-ctx/app=web', '--output', 'json'],
      ...targets.flatMap((target) => ['--to', target]),
      ...['--port', 'TCP/8080'],
    ])
    const { cells } = JSON.parse(stdout) as { cells: { from: string; to: string; measured: string }[] }
    expect(cells.map(({ from, to, measured }) => `${from} ${to} ${measured}`)).toEqual([
      'shop-ctx/web shop-ctx/db allowed',
      'shop-ctx/web svc/shop-ctx/db allowed',
      'shop-ctx/web name:db.shop-ctx allowed',
      'shop-ctx/web dns:db.shop-ctx allowed',
    ])
    expect(code).toBe(0)
  })
})

const failures: [what: string, flags: () => string[], said: string][] = [
  [
    'a wrong context',
    () => ['--cluster', 'context:nowhere', '--kubeconfig', file],
    'there is no context "nowhere"',
  ],
  [
    'a cluster that is gone',
    () => [
      '--cluster',
      `context:${name}`,
      '--kubeconfig',
      edited((one) => {
        one.clusters[0]!.cluster.server = 'https://127.0.0.1:1'
      }),
    ],
    'cannot be reached',
  ],
  [
    'an expired token',
    () => [
      '--cluster',
      `context:${name}`,
      '--kubeconfig',
      edited((one) => {
        one.users[0]!.user = { token: 'expired' }
      }),
    ],
    'does not accept these credentials',
  ],
]
for (const [what, flags, said] of failures)
  testHere(`${what} ends with exit code 3 and the cause`, async () => {
    const { code, stderr } = await home.ztlab(['matrix', '--from', 'a/b', '--to', 'c/d', ...flags()])
    expect(stderr).toContain(said)
    expect(code).toBe(3)
  })

// biome-ignore lint/suspicious/noExplicitAny: a kubeconfig's entries are free-form
type Kubeconfig = { clusters: { cluster: any }[]; users: { user: any }[] }

/** The kubeconfig, changed, in a file of its own. */
function edited(change: (kubeconfig: Kubeconfig) => void): string {
  const kubeconfig = parse(readFileSync(file, 'utf8')) as Kubeconfig
  change(kubeconfig)
  const path = join(home.directory, `kubeconfig-${Math.random().toString(36).slice(2)}`)
  writeFileSync(path, stringify(kubeconfig), { mode: 0o600 })
  return path
}

/** Workloads of others, for as long as `use` takes. */
async function withShop(use: () => Promise<void>): Promise<void> {
  const service: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db', namespace: 'shop-ctx' },
    spec: { selector: { app: 'db' }, ports: [{ port: 8080 }] },
  }
  const pods = podsOf('shop-ctx', ['web', 'db'])
  await withObjects([...pods, service], kube, async () => {
    // A Service has its endpoints before its name and the way to them are known everywhere.
    const command = ['/agnhost', 'connect', 'db:8080', '--timeout=5s']
    await eventually(async () =>
      expect(await kube.exec({ namespace: 'shop-ctx', pod: 'web', command })).toMatchObject({ code: 0 }),
    )
    await use()
  })
}
