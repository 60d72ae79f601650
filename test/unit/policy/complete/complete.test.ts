import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { completeModel, evaluate } from '../../../../src/policy/index.ts'
import { calico, knp, make, np, pod, smallCluster } from '../small-cluster.ts'

const labels = { app: 'web' }
const template = {
  metadata: { labels },
  spec: { containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }] },
}

test.each([
  ['apps/v1', 'Deployment', { template }],
  ['apps/v1', 'StatefulSet', { template }],
  ['apps/v1', 'DaemonSet', { template }],
  ['apps/v1', 'ReplicaSet', { template }],
  ['v1', 'ReplicationController', { template }],
  ['batch/v1', 'Job', { template }],
  ['batch/v1', 'CronJob', { jobTemplate: { spec: { template } } }],
])('a %s %s without pods has one that stands for them', (apiVersion, kind, spec) => {
  const { model, assumptions } = completeModel([workload(apiVersion, kind, spec), deny])
  expect(model.pods.get('x/web')!.ports).toEqual([{ name: 'http', protocol: 6, port: 8080 }])
  expect(model.pods.get('x/web')!.addresses).toHaveLength(1)
  expect(assumptions).toContain(`${kind} x/web has no pods here: x/web stands for them`)
  expect(
    evaluate(model, { source: '203.0.113.7', destination: 'x/web', protocol: 'TCP', port: 80 }).verdict,
  ).toBe('denied')
})

const deny = knp({ podSelector: { matchLabels: labels } })

const owned = {
  name: 'web',
  namespace: 'x',
  ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: '1', controller: true }],
}

test.each<[string, KubernetesObject[]]>([
  ['has pods', [workload(), pod('x/web-1', 'n1', { labels: { ...labels, hash: 'a' }, address: '10.0.0.1' })]],
  ['is scaled to zero', [workload('apps/v1', 'Deployment', { template, replicas: 0 })]],
  ['was made by another', [{ ...workload('apps/v1', 'ReplicaSet'), metadata: owned }]],
  ['is done', [{ ...workload('batch/v1', 'Job'), status: { completionTime: '2026-01-01T00:00:00Z' } }]],
])('a workload that %s gets none', (_name, objects) => {
  expect(completeModel(objects).model.pods.has('x/web')).toBe(false)
})

test('two workloads of one name have pods of two names', () => {
  const other = { template: { ...template, metadata: { labels: { app: 'other' } } } }
  const { model } = completeModel([workload(), workload('apps/v1', 'StatefulSet', other)])
  expect([...model.pods.keys()]).toEqual(['x/web', 'x/web-statefulset'])
})

describe('an address is made up', () => {
  const missing = pod('x/new', 'n1', { labels })

  test.each([
    ['where no policy has blocks', knp({ ingress: [{}] })],
    ['where blocks hold every address', knp({ ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] })],
    [
      'where blocks are outside of what pods have',
      knp({ ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }] }),
    ],
  ])('%s', (_name, policy) => {
    const { model, problems, assumptions } = completeModel([...smallCluster(), missing, policy])
    expect(problems).toEqual([])
    expect(model.pods.get('x/new')!.addresses).toHaveLength(1)
    expect(assumptions.at(-1)).toMatch(/^x\/new: no address, so one was made up/)
  })

  test('and a block of all addresses holds it', () => {
    const policy = knp({ ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] })
    const { model } = completeModel([...smallCluster(), missing, policy])
    const flow = { source: 'x/new', destination: 'x/a', protocol: 'TCP' as const, port: 80 }
    expect(evaluate(model, flow).verdict).toBe('allowed')
  })

  test.each([
    [
      'a rule',
      knp({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/16' } }] }] }),
      '10.0.0.0/16 of Kubernetes NetworkPolicy x/k',
    ],
    [
      'an exception',
      knp({ ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } }] }] }),
      '10.0.0.0/8 of Kubernetes NetworkPolicy x/k',
    ],
    [
      'a network set',
      calico('GlobalNetworkSet', { name: 's' }, { nets: ['192.168.0.0/24'] }),
      '192.168.0.0/24 of a network set',
    ],
  ])('but not where %s could tell pods apart', (_name, object, what) => {
    const { problems } = completeModel([...smallCluster(), missing, object])
    expect(problems).toEqual([`x/new: no address, and ${what} may or may not hold it`])
  })

  test('unless it is known where pods have theirs', () => {
    const policy = knp({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] })
    const objects = [...smallCluster(), missing, policy]
    const [inside, outside] = ['10.244.0.0/16', '192.168.0.0/16'].map((podNet) => {
      const { model, problems } = completeModel(objects, { podNet })
      expect(problems).toEqual([])
      return evaluate(model, { source: 'x/new', destination: 'x/a', protocol: 'TCP', port: 80 }).verdict
    })
    expect([inside, outside]).toEqual(['allowed', 'denied'])
  })

  test('that nobody has', () => {
    const many = Array.from({ length: 20 }, (_, index) => pod(`x/p${index}`, 'n1', { labels }))
    const taken = pod('x/taken', 'n1', { address: '100.127.255.254' })
    const { model } = completeModel([taken, ...many])
    const addresses = [...model.pods.values()].map(({ addresses }) => addresses[0]!.value)
    expect(new Set(addresses).size).toBe(21)
  })
})

test('a Service without endpoints sends to the pods that it selects', () => {
  const service = make(
    'v1',
    'Service',
    { name: 's', namespace: 'x' },
    { spec: { selector: { app: 'a' }, ports: [{ port: 8000, targetPort: 'http' }] } },
  )
  const allow = np({
    types: ['Egress'],
    egress: [{ action: 'Allow', destination: { services: { name: 's', namespace: 'x' } } }],
  })
  const { model } = completeModel([...smallCluster(), service, allow])
  const verdicts = [80, 8000].map(
    (port) => evaluate(model, { source: 'x/b', destination: 'x/a', protocol: 'TCP', port }).verdict,
  )
  expect(verdicts).toEqual(['allowed', 'denied'])
})

function workload(apiVersion = 'apps/v1', kind = 'Deployment', spec: Record<string, unknown> = { template }) {
  return make(apiVersion, kind, { name: 'web', namespace: 'x' }, { spec })
}
