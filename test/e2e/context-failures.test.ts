import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import { type ApiProxy, type Call, type Fate, withApiProxy } from '../support/api-proxy.ts'
import { changes, dumpCluster } from '../support/cluster-dump.ts'
import { type Finished, fixtureLabs, homeForTests, testOnCluster } from '../support/ztlab.ts'
import { podsOf } from './pods.ts'

/** An existing cluster behind something that fails as networks, servers and administrators do. */
const home = homeForTests()
let kubeconfig: string
let kube: KubeClient

beforeAll(async () => {
  await home.ztlab(['cluster', 'up', '--name', 'fragile'])
  kubeconfig = (await home.ztlab(['cluster', 'kubeconfig', '--name', 'fragile', '--quiet'])).stdout
  kube = await connectKube(kubeconfig)
  const shop = podsOf('shop', ['web', 'db'])
  await kube.apply(shop)
  await kube.waitReady(shop)
}, 300_000)
afterAll(async () => {
  kube?.close()
  await home.ztlab(['cluster', 'down', '--name', 'fragile'])
})

const toDb = ['matrix', '--from', 'shop/web', '--to', 'shop/db', '--port', 'TCP/8080', '--port', 'TCP/81']
const hidesCalico = ({ path }: Call): Fate =>
  path.includes('projectcalico.org') ? { status: 404, body: { kind: 'Status', code: 404 } } : null

/** Runs a command on the context behind a proxy. */
async function behind(
  fateOf: (call: Call, proxy: ApiProxy) => Fate,
  argv: string[],
  timeoutMs = 240_000,
): Promise<Finished> {
  let finished: Finished | undefined
  await withApiProxy(kubeconfig, fateOf, async (proxy) => {
    const flags = contextOf(proxy.kubeconfig)
    const words = argv.indexOf('--')
    const at = words === -1 ? argv.length : words
    finished = await home.ztlab([...argv.slice(0, at), ...flags, ...argv.slice(at)], { timeoutMs })
  })
  return finished!
}

function contextOf(text: string): string[] {
  const file = join(home.directory, `kubeconfig-${Math.random().toString(36).slice(2)}`)
  writeFileSync(file, text, { mode: 0o600 })
  return ['--cluster', 'context:ztlab-fragile', '--kubeconfig', file]
}

testOnCluster('behind a proxy that does nothing all is as without', async () => {
  const { code, stdout } = await behind(() => null, [...toDb, '--output', 'json'])
  expect(cellsOf(stdout)).toEqual(['shop/web shop/db 8080 allowed', 'shop/web shop/db 81 refused'])
  expect(code).toBe(0)
})

testOnCluster('an exec that is cut is an error with its cause, in every cell, and no denial', async () => {
  const { code, stdout } = await behind(
    ({ upgrade }) => (upgrade ? 'cut-after' : null),
    [...toDb, '--output', 'json'],
  )
  expect(cellsOf(stdout)).toEqual(['shop/web shop/db 8080 error', 'shop/web shop/db 81 error'])
  expect(stdout).toContain('the connection to shop/web was lost')
  expect(code).toBe(1)
})

testOnCluster('an exec that is never answered is given up at a deadline that it names', async () => {
  const argv = [...toDb, '--timeout', '100', '--output', 'json']
  let execs = 0
  // The second round need not wait as long again.
  const hangs = ({ upgrade }: Call): Fate => (upgrade ? (execs++ < 2 ? 'hang' : 'cut') : null)
  const { code, stdout } = await behind(hangs, argv)
  expect(cellsOf(stdout)).toEqual(['shop/web shop/db 8080 error', 'shop/web shop/db 81 error'])
  expect(stdout).toContain('within 15300 ms')
  expect(code).toBe(1)
})

testOnCluster('an API server that dies in the middle of a matrix is an error, in every cell', async () => {
  const dies = ({ upgrade }: Call, proxy: ApiProxy): Fate => {
    if (upgrade) proxy.die()
    return upgrade ? 'cut' : null
  }
  const { code, stdout, stderr } = await behind(dies, [...toDb, '--output', 'json'])
  expect(cellsOf(stdout)).toEqual(['shop/web shop/db 8080 error', 'shop/web shop/db 81 error'])
  expect(`${stdout}${stderr}`).toMatch(/cannot be reached|was lost/)
  expect(code).not.toBe(0)
})

testOnCluster('a source that is deleted while it probes is not-run, and no denial', async () => {
  const [, goner] = podsOf('shop', ['goner'])
  await kube.apply([goner!])
  await kube.waitReady([goner!])
  let gone: Promise<void> | undefined
  const deletes = ({ upgrade }: Call): Fate => {
    if (upgrade) gone ??= kube.delete([goner!], { gracePeriodSeconds: 0 })
    return null
  }
  // Nobody answers there: the probe lasts until its timeout.
  const argv = [
    'matrix',
    '--from',
    'shop/goner',
    '--to',
    '203.0.113.7',
    '--timeout',
    '8000',
    '--output',
    'json',
  ]
  const { stdout } = await behind(deletes, argv)
  await gone
  expect(cellsOf(stdout)).toEqual(['shop/goner 203.0.113.7 80 not-run'])
  expect(stdout).toMatch(/was deleted meanwhile|is being deleted|there is no pod shop\/goner/)
})

const tiny = join(fixtureLabs, 'tiny')

const endings: [what: string, said: string, fate: (call: Call, proxy: ApiProxy) => Fate][] = [
  ['credentials that expire', 'does not accept these credentials', () => ({ status: 401, body: {} })],
  [
    'an API server that dies',
    'cannot be reached',
    (_call, proxy) => {
      proxy.die()
      return 'cut'
    },
  ],
]
for (const [what, said, fate] of endings)
  testOnCluster(
    `${what} in the middle of a lab: exit code 3 with the cause; the next run cleans up`,
    async () => {
      const before = await dumpCluster(kube)
      let pods = 0
      const { code, stdout, stderr } = await behind(
        (call, proxy) => {
          pods += Number(call.method === 'PATCH' && call.path.includes('/namespaces/tiny/pods/'))
          return pods > 1 ? fate(call, proxy) : null
        },
        ['lab', 'run', tiny],
      )
      expect(stderr).toContain(said)
      expect(`${stdout}${stderr}`).not.toMatch(/denied|dropped/)
      expect(code).toBe(3)
      expect(changes(before, await dumpCluster(kube))).not.toEqual([])
      const next = await home.ztlab(['lab', 'run', tiny, ...contextOf(kubeconfig)])
      expect(next.stdout).toContain('all as expected')
      expect(changes(before, await dumpCluster(kube))).toEqual([])
    },
  )

testOnCluster('a cluster that enforces nothing ends a lab about policies so, by its canary', async () => {
  const before = await dumpCluster(kube)
  // What is written is answered, and nobody ever acts on it.
  const swallows = ({ method, path }: Call): Fate =>
    method === 'PATCH' && path.includes('/networkpolicies/')
      ? {
          status: 200,
          body: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'canary' } },
        }
      : null
  const { code, stdout, stderr } = await behind(
    (call) => hidesCalico(call) ?? swallows(call),
    ['lab', 'run', 'calico-basics'],
  )
  expect(stderr).toMatch(/\[enforces-nothing\]/)
  expect(`${stdout}${stderr}`).not.toMatch(/✗ dropped/)
  expect(code).toBe(3)
  expect(changes(before, await dumpCluster(kube))).toEqual([])
})

testOnCluster(
  'a cluster that enforces, but does not take the policies of a lab, is unsupported',
  async () => {
    const before = await dumpCluster(kube)
    const { code, stderr } = await behind(hidesCalico, ['lab', 'run', 'calico-basics'])
    expect(stderr).toContain('does not take projectcalico.org/v3')
    expect(stderr).toContain('it enforces networking.k8s.io/v1')
    expect(code).toBe(3)
    expect(changes(before, await dumpCluster(kube))).toEqual([])
  },
)

const podSecurity = ({ method, path }: Call): Fate =>
  method === 'PATCH' && /\/namespaces\/ztlab-nodes-\w+\/pods\//.test(path)
    ? {
        status: 403,
        body: { kind: 'Status', code: 403, message: 'violates PodSecurity "baseline:latest": privileged' },
      }
    : null

testOnCluster('where Pod Security forbids a debug pod a node shell is unsupported, with why', async () => {
  const before = await dumpCluster(kube)
  const { code, stderr } = await behind(podSecurity, ['cluster', 'shell', '--', 'true'])
  expect(stderr).toContain('there is no way to a shell on node node-1')
  expect(stderr).toContain('violates PodSecurity "baseline:latest": privileged')
  expect(code).toBe(3)
  expect(changes(before, await dumpCluster(kube))).toEqual([])
})

/** `from to port verdict`, as JSON tells it. */
function cellsOf(stdout: string): string[] {
  const { cells } = JSON.parse(stdout) as {
    cells: { from: string; to: string; port: number; measured: string }[]
  }
  return cells.map(({ from, to, port, measured }) => `${from} ${to} ${port} ${measured}`)
}
