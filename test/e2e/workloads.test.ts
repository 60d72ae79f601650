import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { kubectlEnvironment, testWithKubectl } from '../support/kubectl.ts'
import { namespace, openShop } from '../support/shop.ts'
import { homeForTests, startProgram } from '../support/ztlab.ts'

const home = homeForTests()

const title =
  'a shop of ten services goes from apply to all ready, with what its manifests ask of kubelet, controllers and network'
testWithKubectl(title, runShop, 600_000)

async function runShop(): Promise<void> {
  expect((await home.ztlab(['cluster', 'up', '--name', 'shop'])).code).toBe(0)
  await openShop(kubectl)
  await checkServices()
  await checkTerminal()
  await checkRollback()
}

/** Beyond what every cluster has: the host outside, and a port of a node. */
async function checkServices(): Promise<void> {
  const inCart = (words: string[]) => kubectl(['exec', 'deploy/cart', '-c', 'cart', '--', ...words])
  const from = (url: string) => inCart(['timeout', '10', 'wget', '-qO-', url])
  await eventually(async () =>
    expect(await from('http://203.0.113.10/clientip')).toMatch(/^172\.18\.0\.[23]:/),
  )
  const nodePort = await kubectl(['get', 'svc', 'frontend', '-o', 'jsonpath={.spec.ports[0].nodePort}'])
  const address = await kubectl(['get', 'node', 'node-2', '-o', 'jsonpath={.status.addresses[0].address}'])
  const atNode = `http://${address}:${nodePort}/hostname`
  await eventually(async () => expect(await from(atNode)).toMatch(/^frontend-/))
}

async function checkTerminal(): Promise<void> {
  const words = ['exec', '-it', 'database-0', '-c', 'database', '--', 'sh', '-c', 'tty; exit 7']
  const line = ['kubectl', '-n', namespace, ...words].join(' ').replace('tty; exit 7', "'tty; exit 7'")
  // What script(1) runs a line with.
  const env = { ...environment(), SHELL: '/bin/sh' }
  const { code, stdout } = await startProgram(['script', '-qec', line, '/dev/null'], { env }).finished
  expect(stdout).toContain('/dev/pts/0')
  expect(code).toBe(7)
}

async function checkRollback(): Promise<void> {
  const image = () =>
    kubectl(['get', 'deploy', 'email', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'])
  const before = await image()
  await kubectl(['set', 'image', 'deploy/email', 'email=registry.k8s.io/e2e-test-images/agnhost:2.54'])
  await kubectl(['rollout', 'status', 'deploy/email', '--timeout=60s'])
  await kubectl(['rollout', 'undo', 'deploy/email'])
  await kubectl(['rollout', 'status', 'deploy/email', '--timeout=60s'])
  expect(await image()).toBe(before)
}

/** What kubectl says; it must succeed. */
async function kubectl(words: string[]): Promise<string> {
  const argv = ['kubectl', '-n', namespace, ...words]
  const { code, stdout, stderr } = await startProgram(argv, { env: environment(), timeoutMs: 150_000 })
    .finished
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stderr}${stdout}`)
  return stdout.trim()
}

function environment(): NodeJS.ProcessEnv {
  return kubectlEnvironment(home, join(home.state, 'shop/kubeconfig'))
}
