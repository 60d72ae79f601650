import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { buildModel } from '../../../../src/policy/index.ts'
import { calico, cnp, gnp, knp, make, np, pod, smallCluster, tier } from '../small-cluster.ts'

test('the built-in tiers are always there, in order', () => {
  const { tiers } = buildModel([
    tier('early', { order: 5 }),
    tier('later', { order: 2_000_000, defaultAction: 'Pass' }),
  ])
  expect(tiers.map(({ name, order, endAction }) => [name, order, endAction])).toEqual([
    ['early', 5, 'deny'],
    ['kube-admin', 1000, 'pass'],
    ['default', 1_000_000, 'deny'],
    ['later', 2_000_000, 'pass'],
    ['kube-baseline', 10_000_000, 'pass'],
  ])
})

test('tiers of one order stand by name, however they come; one that nobody made is last and denies', () => {
  const named = ['zone', 'area', 'middle']
  const orphan = np({ tier: 'nowhere', order: 1 }, 'orphan')
  for (const names of [named, named.toReversed()]) {
    const { tiers } = buildModel([orphan, ...names.map((name) => tier(name))])
    expect(tiers.map(({ name }) => name)).toEqual([
      'kube-admin',
      'area',
      'default',
      'middle',
      'zone',
      'kube-baseline',
      'nowhere',
    ])
    expect(tiers.at(-1)).toMatchObject({ valid: false, order: 1_000_000, endAction: 'deny' })
    expect(tiers[0]).toMatchObject({ valid: true })
  }
})

test('policies stand by order, then by the text name/namespace/kind', () => {
  const staged = calico('StagedNetworkPolicy', { name: 'web', namespace: 'x' }, {})
  const policies = [
    staged,
    np({}, 'web'),
    np({}, 'web-2'),
    np({}, 'web1'),
    gnp({}, 'web'),
    np({ order: 1000.5 }, 'z'),
    knp({}),
  ]
  const { tiers } = buildModel([...smallCluster(), ...policies])
  expect(tiers.find(({ name }) => name === 'default')!.policies.map(({ id }) => id)).toEqual([
    'knp/x/k',
    'np/x/z',
    'np/x/web-2',
    'gnp/web',
    'np/x/web',
    'snp/x/web',
    'np/x/web1',
  ])
  expect(policies.map((object) => compiled(object).tie)).toEqual([
    'web/x/StagedNetworkPolicy',
    'web/x/NetworkPolicy',
    'web-2/x/NetworkPolicy',
    'web1/x/NetworkPolicy',
    'web//GlobalNetworkPolicy',
    'z/x/NetworkPolicy',
    'k/x/KubernetesNetworkPolicy',
  ])
})

test('a policy that is not valid is left out and named', () => {
  const model = buildModel([...smallCluster(), np({ selector: 'app = 1' }, 'broken')])
  expect(model.tiers.flatMap(({ policies }) => policies)).toEqual([])
  expect(model.unsupported).toEqual([
    expect.stringMatching(
      /^NetworkPolicy x\/broken is not valid and therefore not enforced: spec\.selector: .*column 5/,
    ),
  ])
})

test('every problem of a policy is told', () => {
  const { unsupported } = buildModel([np({ order: 'x', types: [] }, 'broken')])
  expect(unsupported).toEqual([
    'NetworkPolicy x/broken is not valid and therefore not enforced: spec.order: must be a number, not "x"; spec.types: must have at least one item',
  ])
})

describe('what is present and not modelled is named:', () => {
  const hep = calico('HostEndpoint', { name: 'h' }, { node: 'n1', interfaceName: '*' })
  test.each([
    ['AdminNetworkPolicy a', make('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', { name: 'a' })],
    ['FelixConfiguration default', calico('FelixConfiguration', { name: 'default' }, {})],
    ['NetworkPolicy x/n', np({ ingress: [{ action: 'Allow', http: { methods: ['GET'] } }] })],
    ['ClusterNetworkPolicy c', cnp({ egress: [{ action: 'Deny', to: [{ domainNames: ['example.org'] }] }] })],
    ['Tier gone', np({ tier: 'gone' })],
    ['Pod x/limited', { ...pod('x/limited', 'n1'), metadata: limited() }],
  ])('%s', (name, object) => {
    expect(buildModel([...smallCluster(), object]).unsupported).toEqual([expect.stringContaining(name)])
  })

  test('untracked policies, where there are hosts for them', () => {
    const untracked = gnp({ doNotTrack: true, applyOnForward: true })
    expect(buildModel([untracked]).unsupported).toEqual([])
    expect(buildModel([untracked, hep]).unsupported).toEqual([
      'GlobalNetworkPolicy g: Calico ignores doNotTrack on HostEndpoints for all interfaces',
    ])
    expect(
      buildModel([untracked, { ...hep, spec: { node: 'n1', interfaceName: 'eth0' } }]).unsupported,
    ).toEqual([expect.stringContaining('the first packet is judged')])
  })

  test('pre-DNAT policies that ask for the destination', () => {
    const early = (rule: object) =>
      gnp({ preDNAT: true, applyOnForward: true, ingress: [{ action: 'Deny', ...rule }] })
    expect(buildModel([early({}), hep]).unsupported).toEqual([])
    expect(buildModel([early({ destination: { nets: ['10.96.0.0/12'] } }), hep]).unsupported).toEqual([
      expect.stringContaining("sees a Service's own address"),
    ])
  })
})

test('what is like it and modelled is not named', () => {
  const namesake = make('v1', 'Namespace', { name: 'gone' })
  const limitedNamespace = make('v1', 'Namespace', limited())
  const plain = {
    ...pod('x/plain', 'n1'),
    metadata: { namespace: 'x', name: 'plain', annotations: { a: 'b' } },
  }
  const { unsupported } = buildModel([
    ...smallCluster(),
    namesake,
    limitedNamespace,
    plain,
    np({ tier: 'gone' }),
  ])
  expect(unsupported).toEqual([
    'Tier gone does not exist: its policies are enforced after all others and deny at the end',
  ])
})

test('a tier that only a staged deletion names need not exist', () => {
  const deletion = calico('StagedNetworkPolicy', { name: 's' }, { stagedAction: 'Delete', tier: 'gone' })
  expect(buildModel([deletion]).unsupported).toEqual([])
})

test("Calico's storage is enforced as it is, without defaults", () => {
  const raw = make('crd.projectcalico.org/v1', 'NetworkPolicy', { name: 'default.raw', namespace: 'x' })
  const model = buildModel([...smallCluster(), { ...raw, spec: { ingress: [{ action: 'Allow' }] } }])
  const [policy] = model.tiers.flatMap(({ policies }) => policies)
  expect(policy).toMatchObject({ id: 'np/x/raw', rules: { ingress: [{ action: 'allow' }], egress: [] } })
})

test('an interface that only its node can find is assumed, and said to be', () => {
  const hep = (spec: object) => calico('HostEndpoint', { name: 'h' }, { node: 'n1', ...spec })
  const assumed = (spec: object) => buildModel([hep(spec)]).assumptions
  expect(assumed({ interfaceName: 'eth0' })).toEqual([
    'HostEndpoint h has no expectedIPs: eth0 is taken to be where n1 has its addresses',
  ])
  for (const interfaceName of ['*', 'lo', 'vxlan.calico', 'tunl0'])
    expect(assumed({ interfaceName })).toEqual([])
  expect(assumed({ interfaceName: 'eth0', expectedIPs: ['172.18.0.2'] })).toEqual([])
})

test('a namespace that nobody gave is assumed, and said to be', () => {
  const { assumptions } = buildModel([pod('x/a', 'n1'), pod('x/b', 'n1')])
  expect(assumptions).toEqual(['Namespace x is not given: taken to have no labels of its own'])
})

test('a node takes what its pods send it, and VXLAN has its port, unless said otherwise', () => {
  expect(buildModel([]).options).toEqual({ endpointToHost: 'accept', vxlanPort: 4789 })
  const options = { endpointToHost: 'drop' as const, vxlanPort: 8472 }
  expect(buildModel([], { ...options, encapsulated: true }).options).toEqual(options)
})

test('other kinds are ignored', () => {
  const model = buildModel([
    make('v1', 'ConfigMap', { name: 'c' }),
    make('apps/v1', 'Deployment', { name: 'd' }),
  ])
  expect(model.unsupported).toEqual([])
})

function compiled(object: KubernetesObject) {
  return buildModel([object]).tiers.flatMap(({ policies }) => policies)[0]!
}

function limited() {
  return { namespace: 'x', name: 'limited', annotations: { 'qos.projectcalico.org/ingressPacketRate': '10' } }
}
