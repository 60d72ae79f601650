import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectKube } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { layerOf, type TestImage, writeOciLayout } from '../support/oci-layout.ts'
import { homeForTests, testOnCluster } from '../support/ztlab.ts'
import { podsOf } from './pods.ts'

const home = homeForTests()

/** What a probe takes beside its driver: what any image of Debian has. */
const basics = ['cat', 'sleep', 'tr', 'cut', 'sed', 'getent']
const drivers = { bash: 'bash', curl: 'curl', wget: 'wget', nc: 'busybox' }
const isHere = (program: string) => ['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, program)))
const present = Object.entries(drivers).filter(([, program]) => isHere(program))
const missing = Object.keys(drivers).filter((name) => !present.some(([one]) => one === name))
if (missing.length > 0)
  process.stderr.write(`drivers left out, since they are not installed here: ${missing}\n`)

/** A pod of an image with this driver alone; `nc` is busybox', so that each machine has it. */
function imageOf([name, program]: [string, string]): TestImage {
  const programs = [...basics, program].map((each) => [`bin/${each}`, { program: each }] as const)
  const layer = layerOf(
    {
      'bin/sh': { program: 'dash' },
      'etc/nsswitch.conf': 'hosts: files dns\n',
      tmp: { directory: true },
      ...Object.fromEntries(programs),
      ...(name === 'nc' && { 'bin/nc': { link: 'busybox' } }),
    },
    home.directory,
  )
  return { name: `drivers/${name}:1`, layers: [layer], config: { config: { Env: ['PATH=/bin'] } } }
}

function podWith(driver: string): KubernetesObject {
  const container = { name: 'main', image: `drivers/${driver}:1`, command: ['sleep', '1d'] }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: driver, namespace: 'shop' },
    spec: { terminationGracePeriodSeconds: 0, containers: [container] },
  }
}

const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
}
const deny: KubernetesObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny', namespace: 'shop' },
  spec: { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Ingress'] },
}

const columns = [
  'shop/web',
  'shop/web:TCP/99',
  'shop/db',
  'svc/shop/web:TCP/80',
  'name:web.shop:TCP/80',
  'name:nobody.shop',
  'dns:web',
  'node/node-2:TCP/99',
  '203.0.113.7',
]
const verdicts = [
  'allow',
  'refused',
  'dropped',
  'allow',
  'allow',
  'dns-failure',
  'allow',
  'refused',
  'unproven',
]
const udp = ['shop/web:UDP/8081', 'kube-system/kube-dns:UDP/53']
/** Debian's busybox leaves UDP out of its nc. */
const ncHelp = spawnSync('busybox', ['nc', '--help'], { encoding: 'utf8' })
const ncHasUdp = /^\s+-u\s/m.test(`${ncHelp.stdout}${ncHelp.stderr}`)
const speaksUdp = (name: string) => name === 'bash' || (name === 'nc' && ncHasUdp)

testOnCluster(
  'bash, curl, wget and nc each tell pods, Services, names, nodes and addresses apart; UDP where they can',
  async () => {
    const layout = join(home.directory, 'layout')
    mkdirSync(layout)
    writeOciLayout(layout, present.map(imageOf))
    expect(await home.ztlab(['cluster', 'up', '--name', 'drivers'])).toMatchObject({ code: 0 })
    expect(await home.ztlab(['cluster', 'load', layout, '--name', 'drivers'])).toMatchObject({ code: 0 })
    const kubeconfig = (await home.ztlab(['cluster', 'kubeconfig', '--name', 'drivers', '--quiet'])).stdout
    const kube = await connectKube(kubeconfig)
    try {
      const pods = [...podsOf('shop', ['web', 'db']), ...present.map(([name]) => podWith(name))]
      await kube.apply([...pods, service, deny])
      await kube.waitReady(pods)
      // A pod that runs is reached from other nodes a moment later.
      const { metadata } = JSON.parse(await kube.raw('/api/v1/namespaces?limit=1')) as KubernetesObject
      await kube.raw(`/internal/settled?revision=${metadata.resourceVersion}`, { timeoutMs: 60_000 })
      const rows = present.map(([name]) => {
        const answers = udp.map(() => (speaksUdp(name) ? 'allow' : 'unsupported'))
        return [`shop/${name}`, ...verdicts, ...answers].join(' | ')
      })
      const table = [['from', ...columns, ...udp].join(' | '), ...rows].map((row) => `  ${row}`)
      const file = join(home.directory, 'expected.yaml')
      writeFileSync(file, ['ports: [TCP/8080]', 'matrix: |', ...table].join('\n'))
      const { stdout } = await home.ztlab([
        'matrix',
        '--name',
        'drivers',
        '-f',
        file,
        '--timeout',
        '3000',
        '--output',
        'json',
      ])
      const { cells } = JSON.parse(stdout) as { cells: Cell[] }
      expect(cells).toHaveLength(present.length * (columns.length + udp.length))
      expect(cells.filter(({ ok }) => !ok)).toEqual([])
    } finally {
      kube.close()
      await home.ztlab(['cluster', 'down', '--name', 'drivers'])
    }
  },
  400_000,
)

interface Cell {
  from: string
  to: string
  measured: string
  reason: string
  ok: boolean
}
