import { join } from 'node:path'
import { projectRoot } from '../../src/project-root.ts'
import { eventually } from './eventually.ts'

/** Runs kubectl in the shop's namespace; what it says, trimmed. It must succeed. */
export type Kubectl = (words: string[]) => Promise<string>

export const namespace = 'boutique'

/** Applies the shop as it is, waits until all of it is ready, and looks whether its pods have what they ask for. */
export async function openShop(kubectl: Kubectl): Promise<void> {
  await kubectl(['apply', '-f', join(projectRoot(), 'test/fixtures/shop/shop.yaml')])
  const workloads = (await kubectl(['get', 'deploy,sts,ds', '-o', 'name'])).split('\n')
  expect(workloads).toHaveLength(11)
  for (const workload of workloads) await kubectl(['rollout', 'status', workload, '--timeout=120s'])
  await kubectl(['wait', '--for=condition=complete', 'job/migrate', '--timeout=60s'])
  await checkVariablesAndVolumes(kubectl)
  await checkInitAndSidecars(kubectl)
  await checkNames(kubectl)
}

/** From pod to pod by the names of Services, and to a member of the StatefulSet by its own. */
async function checkNames(kubectl: Kubectl): Promise<void> {
  const inCart = (words: string[]) => kubectl(['exec', 'deploy/cart', '-c', 'cart', '--', ...words])
  const from = (url: string) => inCart(['timeout', '10', 'wget', '-qO-', url])
  // A pod is ready before every node knows its names and the way to it.
  await eventually(async () => expect(await from('http://catalog/hostname')).toMatch(/^catalog-/))
  const member = 'http://database-0.database:5432/hostname'
  await eventually(async () => expect(await from(member)).toBe('database-0'))
}

async function checkVariablesAndVolumes(kubectl: Kubectl): Promise<void> {
  const inCart = (script: string) => kubectl(['exec', 'deploy/cart', '-c', 'cart', '--', 'sh', '-c', script])
  expect(await inCart('echo $CURRENCY $MEMORY_LIMIT; cat /etc/shop/banner.txt')).toBe('EUR 67108864\nWelcome')
  const account = '/var/run/secrets/kubernetes.io/serviceaccount'
  expect(await inCart(`cat ${account}/namespace; ls ${account}`)).toBe(`${namespace}ca.crt\nnamespace\ntoken`)
  expect(await inCart('/agnhost connect kubernetes.default:443 --timeout=10s && echo reached')).toBe(
    'reached',
  )
}

async function checkInitAndSidecars(kubectl: Kubectl): Promise<void> {
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
