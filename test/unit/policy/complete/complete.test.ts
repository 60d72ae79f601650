import { formatAddress, parseCidr } from '../../../../src/cidr.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { spareAddresses } from '../../../../src/policy/complete/index.ts'
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

test('a workload has pods if one has every label of its template, in its namespace', () => {
  const full = { ...template, metadata: { labels: { app: 'web', tier: 'front' } } }
  const standIns = (objects: KubernetesObject[]) => [...completeModel(objects).model.pods.keys()]
  const half = pod('x/half', 'n1', { labels, address: '10.0.0.1' })
  const elsewhere = pod('y/full', 'n1', { labels: full.metadata.labels, address: '10.0.0.2' })
  const bare = make('v1', 'Pod', { name: 'bare', namespace: 'x' }, { status: { podIP: '10.0.0.3' } })
  const objects = [half, elsewhere, bare, workload('apps/v1', 'Deployment', { template: full })]
  expect(standIns(objects)).toEqual(['x/half', 'y/full', 'x/bare', 'x/web'])
})

test('a template without labels or spec, in no namespace', () => {
  const deployment = make('apps/v1', 'Deployment', { name: 'plain' }, { spec: { template: {} } })
  const { model, assumptions } = completeModel([
    deployment,
    pod('default/other', 'n1', { address: '10.0.0.1' }),
  ])
  expect([...model.pods.keys()]).toEqual(['default/other', 'default/plain'])
  expect(assumptions[0]).toBe('Deployment plain has no pods here: default/plain stands for them')
  const { labels } = model.pods.get('default/plain')!.labelClass
  expect([...labels.keys()].filter((name) => name.startsWith('app'))).toEqual([])
})

test('one owner of several that controls is enough', () => {
  const ownerReferences = [{ name: 'c' }, { name: 'd', controller: true }] as never
  const object = { ...workload(), metadata: { name: 'web', namespace: 'x', ownerReferences } }
  expect(completeModel([object]).model.pods.has('x/web')).toBe(false)
})

test('a pod of that name elsewhere takes no name', () => {
  const elsewhere = pod('y/web', 'n1', { labels: { app: 'else' }, address: '10.0.0.1' })
  const own = make('v1', 'Pod', { name: 'web' }, { status: { podIP: '10.0.0.2' } })
  const plain = make('apps/v1', 'Deployment', { name: 'web' }, { spec: { template } })
  expect([...completeModel([elsewhere, workload()]).model.pods.keys()]).toEqual(['y/web', 'x/web'])
  expect([...completeModel([own, plain]).model.pods.keys()]).toEqual([
    'default/web',
    'default/web-deployment',
  ])
})

test('what looks like a workload and makes no pods has no stand-in', () => {
  const empty = [
    make('apps/v1', 'Deployment', { name: 'd', namespace: 'x' }),
    make('batch/v1', 'CronJob', { name: 'c', namespace: 'x' }, { spec: { jobTemplate: {} } }),
    make('example.com/v1', 'Deployment', { name: 'e', namespace: 'x' }, { spec: { template } }),
  ]
  expect(completeModel(empty).model.pods.size).toBe(0)
})

test('an owner that does not control makes no difference', () => {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: '1' }]
  const object = { ...workload(), metadata: { name: 'web', namespace: 'x', ownerReferences } }
  expect(completeModel([object]).model.pods.has('x/web')).toBe(true)
})

test('two workloads of one name have pods of two names', () => {
  const other = { template: { ...template, metadata: { labels: { app: 'other' } } } }
  const { model } = completeModel([workload(), workload('apps/v1', 'StatefulSet', other)])
  expect([...model.pods.keys()]).toEqual(['x/web', 'x/web-statefulset'])
})

test('nothing is a problem where every pod has an address', () => {
  expect(completeModel(smallCluster())).toMatchObject({ problems: [], assumptions: [] })
})

test('pods of another group, and of the namespace default however it is written', () => {
  const metrics = make('metrics.k8s.io/v1beta1', 'Pod', { name: 'web-1', namespace: 'x', labels })
  expect(completeModel([workload(), metrics]).model.pods.has('x/web')).toBe(true)
  const plain = make('apps/v1', 'Deployment', { name: 'web' }, { spec: { template } })
  const status = { podIP: '10.0.0.1' }
  for (const namespace of [undefined, 'default'])
    for (const deployment of [plain, { ...plain, metadata: { name: 'web', namespace: 'default' } }]) {
      const metadata = { name: 'web-1', labels, ...(namespace && { namespace }) }
      const { model } = completeModel([deployment, make('v1', 'Pod', metadata, { status })])
      expect([...model.pods.keys()]).toEqual(['default/web-1'])
    }
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

  describe('of an IPPool', () => {
    const pool = (cidr: string) => calico('IPPool', { name: 'p' }, { cidr })
    const policy = knp({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] })
    const addressOf = (objects: KubernetesObject[]) => {
      const { model, problems } = completeModel([...smallCluster(), missing, policy, ...objects])
      expect(problems).toEqual([])
      return formatAddress(model.pods.get('x/new')!.addresses[0]!)
    }

    test('where that tells where pods have theirs', () => {
      expect(addressOf([pool('10.244.0.0/16')])).toBe('10.244.255.254')
      expect(addressOf([pool('192.168.0.0/24'), pool('10.244.0.0/24')].slice(0, 1))).toBe('192.168.0.254')
    })

    test('not of what else has a block, or has none that can be read', () => {
      const other = make('example.com/v1', 'Network', { name: 'n' }, { spec: { cidr: '192.0.2.0/24' } })
      const bare = make('projectcalico.org/v3', 'IPPool', { name: 'bare' })
      expect(addressOf([other, bare, pool('nothing'), pool('10.244.0.0/16')])).toBe('10.244.255.254')
    })
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

  test.each<[string, KubernetesObject]>([
    [
      'has one in podIPs',
      make('v1', 'Pod', { name: 'p', namespace: 'x' }, { status: { podIPs: [{ ip: 'fd00::1' }] } }),
    ],
    ['is on its host', pod('x/p', 'n9', { hostNetwork: true })],
    ['is done', make('v1', 'Pod', { name: 'p', namespace: 'x' }, { status: { phase: 'Succeeded' } })],
    ['has failed', make('v1', 'Pod', { name: 'p', namespace: 'x' }, { status: { phase: 'Failed' } })],
    ['is of another group', make('metrics.k8s.io/v1beta1', 'Pod', { name: 'p', namespace: 'x' })],
    ['is no pod', make('v1', 'PodTemplate', { name: 'p', namespace: 'x' })],
  ])('but not for one that %s', (_, object) => {
    const { assumptions, objects } = completeModel([...smallCluster(), object])
    expect(assumptions.filter((text) => text.includes('made up'))).toEqual([])
    expect(objects.at(-1)).toEqual(object)
  })

  test('and said for how many', () => {
    const lone = make('v1', 'Pod', { name: 'lone' })
    const { assumptions } = completeModel([lone, missing, pod('x/third', 'n1', { address: '' })])
    expect(assumptions.at(-1)).toBe(
      'default/lone and 2 more: no address, so one was made up; no block of a policy tells the possible ones apart',
    )
    expect(completeModel([lone]).assumptions.at(-1)).toMatch(/^default\/lone: no address/)
  })

  test('from what the pods have, if that is told', () => {
    const { model } = completeModel([...smallCluster(), missing], { podNet: '10.244.0.0/16' })
    expect(formatAddress(model.pods.get('x/new')!.addresses[0]!)).toBe('10.244.255.254')
  })

  test('that no node has either, nor a second address of a pod', () => {
    const podNet = '192.0.2.0/29'
    const node = make('v1', 'Node', { name: 'n' }, { status: { addresses: [{ address: '192.0.2.6' }] } })
    const both = make(
      'v1',
      'Pod',
      { name: 'both', namespace: 'x' },
      { status: { podIPs: [{ ip: '192.0.2.5' }] } },
    )
    const { model } = completeModel([node, both, pod('x/one', 'n', { address: '192.0.2.4' }), missing], {
      podNet,
    })
    expect(formatAddress(model.pods.get('x/new')!.addresses[0]!)).toBe('192.0.2.3')
  })

  test('although a staged policy has blocks', () => {
    const spec = { ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/16' } }] }] }
    const staged = calico('StagedKubernetesNetworkPolicy', { name: 's', namespace: 'x' }, spec)
    expect(completeModel([...smallCluster(), missing, staged]).problems).toEqual([])
  })

  test('every block that could tell pods apart is named, once', () => {
    const nets = ['10.1.0.0/16', '192.168.0.0/16']
    const rules = [
      { action: 'Deny', destination: { nets } },
      { action: 'Allow', source: { notNets: nets } },
    ]
    const egress = np({ types: ['Egress'], egress: rules })
    const { problems, model } = completeModel([...smallCluster(), missing, egress])
    expect(problems).toEqual(
      nets.map((net) => `x/new: no address, and ${net} of NetworkPolicy x/n may or may not hold it`),
    )
    expect(model.pods.get('x/new')!.addresses).toEqual([])
  })

  test('that nobody has', () => {
    const many = Array.from({ length: 20 }, (_, index) => pod(`x/p${index}`, 'n1', { labels }))
    const taken = pod('x/taken', 'n1', { address: '100.127.255.254' })
    const { model } = completeModel([taken, ...many])
    const addresses = [...model.pods.values()].map(({ addresses }) => addresses[0]!.value)
    expect(new Set(addresses).size).toBe(21)
    // RFC 6598, from its end.
    expect(formatAddress(model.pods.get('x/p0')!.addresses[0]!)).toBe('100.127.255.253')
  })
})

test('spare addresses are those of hosts, from the end', () => {
  expect([...spareAddresses(parseCidr('192.0.2.0/30')!)]).toEqual(['192.0.2.2', '192.0.2.1'])
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
