import { join } from 'node:path'
import { whyNoKubectl } from '../support/kubectl.ts'
import { homeForTests, root, startProgram, testOnCluster, testUnless } from '../support/ztlab.ts'

const home = homeForTests()
const shop = join(root, 'test/fixtures/shop/shop.yaml')
const namespace = 'boutique'

const title =
  'a shop of ten services goes from apply to all ready, with what its manifests ask of kubelet, controllers and network'
const reason = whyNoKubectl()
if (reason === null) testOnCluster(title, runShop, 120_000)
else testUnless(reason, { title, body: runShop, timeoutMs: 120_000 })

async function runShop(): Promise<void> {
  expect((await home.ztlab(['cluster', 'up', '--name', 'shop'])).code).toBe(0)
  await kubectl(['apply', '-f', shop])
  const workloads = (await kubectl(['get', 'deploy,sts,ds', '-o', 'name'])).split('\n')
  expect(workloads).toHaveLength(11)
  for (const workload of workloads) await kubectl(['rollout', 'status', workload, '--timeout=60s'])
  await kubectl(['wait', '--for=condition=complete', 'job/migrate', '--timeout=30s'])

  await checkVariablesAndVolumes()
  await checkInitAndSidecars()
  await checkServices()
  await checkTerminal()
  await checkRollback()
}

async function checkVariablesAndVolumes(): Promise<void> {
  const inCart = (script: string) => kubectl(['exec', 'deploy/cart', '-c', 'cart', '--', 'sh', '-c', script])
  expect(await inCart('echo $CURRENCY $MEMORY_LIMIT; cat /etc/shop/banner.txt')).toBe('EUR 67108864\nWelcome')
  const account = '/var/run/secrets/kubernetes.io/serviceaccount'
  expect(await inCart(`cat ${account}/namespace; ls ${account}`)).toBe(`${namespace}ca.crt\nnamespace\ntoken`)
  expect(await inCart('/agnhost connect kubernetes.default:443 --timeout=2s && echo reached')).toBe('reached')
}

async function checkInitAndSidecars(): Promise<void> {
  const inDatabase = ['exec', 'database-1', '-c', 'database', '--', 'cat', '/data/schema']
  expect(await kubectl(inDatabase)).toBe('schema-of-database-1')
  const claims = await kubectl(['get', 'pvc', '-o', 'jsonpath={.items[*].status.phase}'])
  expect(claims).toBe('Bound Bound')
  const statuses = await kubectl([
    ...['get', 'pod', '-l', 'app.kubernetes.io/name=checkout'],
    ...['-o', 'jsonpath={.items[0].status.initContainerStatuses[*].ready}'],
  ])
  expect(statuses).toBe('true true')
}

/** From the host outside to the node port, from pod to pod by name, and to the members of the StatefulSet. */
async function checkServices(): Promise<void> {
  const inCart = (words: string[]) => kubectl(['exec', 'deploy/cart', '-c', 'cart', '--', ...words])
  expect(await inCart(['timeout', '3', 'wget', '-qO-', 'http://catalog/hostname'])).toMatch(/^catalog-/)
  const member = 'http://database-0.database:5432/hostname'
  expect(await inCart(['timeout', '3', 'wget', '-qO-', member])).toBe('database-0')
  expect(await inCart(['timeout', '3', 'wget', '-qO-', 'http://203.0.113.10/clientip'])).toMatch(
    /^172\.18\.0\.[23]:/,
  )
  const nodePort = await kubectl(['get', 'svc', 'frontend', '-o', 'jsonpath={.spec.ports[0].nodePort}'])
  const address = await kubectl(['get', 'node', 'node-2', '-o', 'jsonpath={.status.addresses[0].address}'])
  const atNode = `http://${address}:${nodePort}/hostname`
  expect(await inCart(['timeout', '3', 'wget', '-qO-', atNode])).toMatch(/^frontend-/)
}

async function checkTerminal(): Promise<void> {
  const words = ['exec', '-it', 'database-0', '-c', 'database', '--', 'sh', '-c', 'tty; exit 7']
  const line = ['kubectl', '-n', namespace, ...words].join(' ').replace('tty; exit 7', "'tty; exit 7'")
  const { code, stdout } = await startProgram(['script', '-qec', line, '/dev/null'], { env: environment() })
    .finished
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
  const { code, stdout, stderr } = await startProgram(argv, { env: environment() }).finished
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${stderr}${stdout}`)
  return stdout.trim()
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    KUBECONFIG: join(home.state, 'shop/kubeconfig'),
    KUBECACHEDIR: join(home.directory, 'kube-cache'),
  }
}
