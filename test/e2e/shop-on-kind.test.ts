import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kindOnHand } from '../support/kind-on-hand.ts'
import { kubectlEnvironment, whyNoKubectl } from '../support/kubectl.ts'
import { namespace, openShop } from '../support/shop.ts'
import { testUnless } from '../support/test-unless.ts'
import { homeForTests, startProgram } from '../support/ztlab.ts'

const home = homeForTests()
const { whyNot, spec } = kindOnHand()
const name = `shop-${process.pid}`
const kubeconfig = join(home.directory, 'kubeconfig')

testUnless(whyNot ?? whyNoKubectl(), {
  title: 'the shop of ten services goes from apply to all ready on kind, with no change',
  body: runShop,
  // A node takes a minute to come up.
  timeoutMs: 600_000,
})

async function runShop(): Promise<void> {
  const cluster = ['--cluster', 'kind', '--name', name]
  const image = spec.nodeImage ? ['--node-image', spec.nodeImage] : []
  const up = ['cluster', 'up', ...cluster, '--nodes', '1', '--cni', 'default', ...image]
  try {
    expect(await home.ztlab(up, { timeoutMs: 300_000 })).toMatchObject({ code: 0 })
    const { stdout } = await home.ztlab(['cluster', 'kubeconfig', ...cluster])
    writeFileSync(kubeconfig, stdout, { mode: 0o600 })
    await provideVolumes()
    await openShop(kubectl)
  } finally {
    await home.ztlab(['cluster', 'down', ...cluster], { timeoutMs: 120_000 })
  }
}

/** What a node image without a provisioner lacks: a volume for each claim of the shop, made by hand. */
async function provideVolumes(): Promise<void> {
  const classes = await kubectl(['get', 'storageclass', '-o', 'jsonpath={.items[*].provisioner}'])
  if (classes.split(' ').some((provisioner) => provisioner !== 'kubernetes.io/no-provisioner')) return
  const volumes = [0, 1].map((index) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `shop-${index}` },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: `/var/shop/${index}`, type: 'DirectoryOrCreate' },
    },
  }))
  const file = join(home.directory, 'volumes.json')
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: volumes }))
  await kubectl(['apply', '-f', file])
}

async function kubectl(words: string[]): Promise<string> {
  const env = kubectlEnvironment(home, kubeconfig)
  const argv = ['kubectl', '-n', namespace, ...words]
  const { code, stdout, stderr } = await startProgram(argv, { env, timeoutMs: 150_000 }).finished
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stderr}${stdout}`)
  return stdout.trim()
}
