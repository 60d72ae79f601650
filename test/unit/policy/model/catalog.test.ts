import { formatAddress, formatCidr } from '../../../../src/cidr.ts'
import { Catalog } from '../../../../src/policy/model/catalog.ts'
import { calico, make, pod, port, slice, smallCluster } from '../small-cluster.ts'

describe('labels of endpoints', () => {
  test('a pod has its own, the forced ones, and those of its namespace and service account', () => {
    const own = {
      app: 'a',
      'pcns.team': 'forged',
      'pcsa.rank': 'forged',
      'projectcalico.org/namespace': 'forged',
    }
    const catalog = new Catalog([
      ...smallCluster(),
      pod('x/p', 'n1', { labels: own, serviceAccount: 'sa1', address: '10.0.1.9' }),
    ])
    expect(Object.fromEntries(catalog.pod('x/p')!.labelClass.labels)).toEqual({
      app: 'a',
      'projectcalico.org/namespace': 'x',
      'projectcalico.org/orchestrator': 'k8s',
      'projectcalico.org/serviceaccount': 'sa1',
      'pcns.team': 'a',
      'pcns.kubernetes.io/metadata.name': 'x',
      'pcns.projectcalico.org/name': 'x',
      'pcsa.trust': 'high',
      'pcsa.projectcalico.org/name': 'sa1',
    })
  })

  test('a NetworkSet has its namespace and its labels, a GlobalNetworkSet its own alone', () => {
    const spec = { nets: ['192.0.2.0/24'] }
    const { networkSets } = new Catalog([
      ...smallCluster(),
      calico('NetworkSet', { name: 's', namespace: 'y', labels: { role: 'db' } }, spec),
      calico('GlobalNetworkSet', { name: 'g', labels: { role: 'db' } }, spec),
    ])
    expect(networkSets.map(({ labelClass }) => [...labelClass.labels.keys()].sort())).toEqual([
      [
        'pcns.kubernetes.io/metadata.name',
        'pcns.projectcalico.org/name',
        'pcns.team',
        'projectcalico.org/namespace',
        'role',
      ],
      ['role'],
    ])
  })

  test('endpoints with equal labels are one class', () => {
    const labels = { app: 'same' }
    const twins = [
      pod('x/t1', 'n1', { labels, address: '10.0.1.21' }),
      pod('x/t2', 'n2', { labels, address: '10.0.1.22' }),
    ]
    const catalog = new Catalog([...smallCluster(), ...twins])
    expect(catalog.pod('x/t1')!.labelClass).toBe(catalog.pod('x/t2')!.labelClass)
  })
})

test('named ports come from every container, init containers included; TCP unless they say otherwise', () => {
  const containers = [{ ports: [port('web', 80), { containerPort: 9 }] }, {}]
  const initContainers = [{ ports: [{ name: 'init', containerPort: 53, protocol: 'UDP' }] }]
  const object = { ...pod('x/p', 'n1'), spec: { containers, initContainers } }
  expect(new Catalog([object]).pod('x/p')!.ports).toEqual([
    { name: 'init', protocol: 17, port: 53 },
    { name: 'web', protocol: 6, port: 80 },
  ])
})

test('a pod has every address of its status, in order', () => {
  const object = {
    ...pod('x/p', 'n1'),
    status: { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] },
  }
  expect(new Catalog([object]).pod('x/p')!.addresses.map(formatAddress)).toEqual(['10.0.0.1', 'fd00::1'])
})

test('finished pods and those whose address was taken back are not there', () => {
  const leaving = pod('x/leaving', 'n1', { address: '10.0.0.1' })
  leaving.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  leaving.metadata.annotations = { 'cni.projectcalico.org/podIP': '' }
  const catalog = new Catalog([leaving, pod('x/done', 'n1', { address: '10.0.0.2', phase: 'Failed' })])
  expect(catalog.endpoints).toEqual([])
})

test('nodes own their addresses, their tunnels and those of host-network pods', () => {
  const catalog = new Catalog(smallCluster())
  expect(['172.18.0.2', '10.0.2.0', '10.0.1.1'].map((text) => catalog.nodes.ownerOf(text))).toEqual([
    'n1',
    'n2',
    undefined,
  ])
  expect([...catalog.hostPods.keys()]).toEqual(['x/h', 'x/h2'])
})

test('a Service is its slices: every address with every port that has a number', () => {
  const slices = [slice('y/api', '192.0.2.1', [{ port: 80 }, { port: 53, protocol: 'UDP' }, { name: 'any' }])]
  const other = make(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    { name: 'stray', namespace: 'y' },
    { endpoints: [] },
  )
  const catalog = new Catalog([...slices, slice('y/api', '192.0.2.2', []), other])
  expect(catalog.serviceMembers('y/api')).toEqual([
    { address: '192.0.2.1', protocol: 6, port: 80 },
    { address: '192.0.2.1', protocol: 17, port: 53 },
  ])
  expect(catalog.serviceMembers('/api')).toEqual([])
})

test('a slice that names no Service is of none', () => {
  const { metadata, ...body } = slice('y/api', '10.0.0.3')
  const catalog = new Catalog([{ ...body, metadata: { ...metadata, labels: { other: 'api' } } }])
  expect(catalog.allServiceMembers()).toEqual([])
})

test('classes are told apart by whole labels, in whatever order these come', () => {
  const labelled = (name: string, labels: Record<string, string>) =>
    calico('HostEndpoint', { name, labels }, { node: 'n1' })
  const catalog = new Catalog([
    labelled('one', { a: 'b', c: 'd' }),
    labelled('other', { a: '', bc: 'd' }),
    labelled('turned', { c: 'd', a: 'b' }),
  ])
  expect(catalog.classes.map(({ endpoints }) => endpoints.map(({ id }) => id))).toEqual([
    ['one', 'turned'],
    ['other'],
  ])
})

test('objects of other groups that are called Namespace or ServiceAccount give no labels', () => {
  const labels = { team: 'z' }
  const catalog = new Catalog([
    ...smallCluster(),
    make('v1', 'Secret', { name: 'x', namespace: 'y', labels }),
    make('v1', 'Secret', { name: 'default', namespace: 'x', labels }),
    make('v1', 'Namespace', { name: 'empty' }),
    make('example.com/v1', 'Namespace', { name: 'x', labels }),
    make('example.com/v1', 'ServiceAccount', { name: 'default', namespace: 'x', labels }),
  ])
  const found = catalog.pod('x/b')!.labelClass.labels
  expect([found.get('pcns.team'), found.get('pcsa.team')]).toEqual(['a', undefined])
  expect([catalog.hasNamespace('gone'), catalog.hasNamespace('empty')]).toEqual([false, true])
})

test('objects without a namespace are in default', () => {
  const catalog = new Catalog([
    make('v1', 'ServiceAccount', { name: 'robot', labels: { trust: 'low' } }),
    make('v1', 'Pod', { name: 'p' }, { spec: { serviceAccount: 'robot' }, status: { podIP: '10.0.0.1' } }),
    make('projectcalico.org/v3', 'NetworkSet', { name: 's' }),
    {
      ...slice('x/api', '10.0.0.2'),
      metadata: { name: 'api-1', labels: { 'kubernetes.io/service-name': 'api' } },
    },
  ])
  const { labels } = catalog.pod('default/p')!.labelClass
  expect([labels.get('projectcalico.org/serviceaccount'), labels.get('pcsa.trust')]).toEqual(['robot', 'low'])
  expect(catalog.networkSets.map(({ labelClass, nets }) => [labelClass.namespace, nets])).toEqual([
    ['default', []],
  ])
  expect(catalog.serviceMembers('default/api')).toEqual([{ address: '10.0.0.2', protocol: 6, port: 80 }])
})

test('a pod without a service account has that of its namespace', () => {
  const catalog = new Catalog([make('v1', 'Pod', { name: 'p', namespace: 'x' })])
  expect(catalog.pod('x/p')).toMatchObject({
    kind: 'pod',
    namespace: 'x',
    node: '',
    addresses: [],
    ports: [],
    profiles: ['kns.x', 'ksa.x.default'],
  })
})

test('a NetworkSet may hold addresses and blocks; what is neither is left out', () => {
  const nets = ['192.0.2.7', '10.0.0.0/8', 'nonsense']
  const { networkSets } = new Catalog([calico('GlobalNetworkSet', { name: 'g' }, { nets })])
  expect(networkSets[0]!.nets.map(formatCidr)).toEqual(['192.0.2.7/32', '10.0.0.0/8'])
})

test('a HostEndpoint has its own labels, addresses, named ports and profiles', () => {
  const spec = {
    node: 'n1',
    expectedIPs: ['172.18.0.2', 'fd00::2'],
    ports: [{ name: 'ssh', protocol: 'TCP', port: 22 }],
    profiles: ['first', 'second'],
  }
  const catalog = new Catalog([
    calico('HostEndpoint', { name: 'full', labels: { role: 'edge' } }, spec),
    calico('HostEndpoint', { name: 'bare' }, { interfaceName: '*' }),
  ])
  const [full, bare] = catalog.endpoints
  expect(full).toMatchObject({
    kind: 'host-endpoint',
    id: 'full',
    namespace: null,
    node: 'n1',
    ports: [{ name: 'ssh', protocol: 6, port: 22 }],
    profiles: ['first', 'second'],
  })
  expect(Object.fromEntries(full!.labelClass.labels)).toEqual({ role: 'edge' })
  expect(full!.addresses.map(formatAddress)).toEqual(['172.18.0.2', 'fd00::2'])
  expect(bare).toMatchObject({ node: '', addresses: [], ports: [], profiles: [] })
  expect(catalog.ownersOf('fd00::2')).toEqual([full])
  expect([...catalog.hostPods.keys(), catalog.pod('full')]).toEqual([undefined])
})

test('an address can have several owners, a port name too', () => {
  const ports = [port('http', 80), port('http', 81, 'UDP')]
  const catalog = new Catalog([
    pod('x/one', 'n1', { address: '10.0.0.1', ports }),
    pod('x/two', 'n1', { address: '10.0.0.1', ports: [port('http', 8080)] }),
    pod('x/three', 'n1', { address: '10.0.0.3', ports: [port('dns', 53)] }),
  ])
  expect(catalog.ownersOf('10.0.0.1').map(({ id }) => id)).toEqual(['x/one', 'x/two'])
  expect(catalog.ownersOfPort('http').map(({ id }) => id)).toEqual(['x/one', 'x/two'])
  expect([catalog.ownersOf('10.0.0.9'), catalog.ownersOfPort('none')]).toEqual([[], []])
})

test('a node has the addresses of its status and of every annotation of Calico', () => {
  const annotations = Object.fromEntries(
    [
      ['IPv4Address', '192.0.2.1/24'],
      ['IPv6Address', '2001:db8::1/64'],
      ['IPv4VXLANTunnelAddr', '10.0.0.0'],
      ['IPv6VXLANTunnelAddr', 'fd00::a'],
      ['IPv4IPIPTunnelAddr', '10.0.0.1'],
    ].map(([name, value]) => [`projectcalico.org/${name}`, value!]),
  )
  const status = { addresses: [{ address: '172.18.0.2' }, { address: 'worker-1' }] }
  const catalog = new Catalog([
    make('v1', 'Node', { name: 'n', annotations }, { status }),
    make('v1', 'Node', { name: 'bare' }),
  ])
  const { addresses, tunnelAddresses } = catalog.nodes.get('n')!
  expect(addresses.map(formatAddress)).toEqual(['172.18.0.2', '192.0.2.1', '2001:db8::1'])
  expect(tunnelAddresses.map(formatAddress)).toEqual(['10.0.0.0', 'fd00::a', '10.0.0.1'])
  expect(
    ['172.18.0.2', '2001:db8::1', 'fd00::a', '10.0.0.1'].map((text) => catalog.nodes.ownerOf(text)),
  ).toEqual(Array.from({ length: 4 }, () => 'n'))
  expect(catalog.nodes.get('bare')).toEqual({ name: 'bare', addresses: [], subnets: [], tunnelAddresses: [] })
})

test('a host-network pod without a node or an address is there all the same', () => {
  const catalog = new Catalog([
    make('v1', 'Pod', { name: 'h', namespace: 'x' }, { spec: { hostNetwork: true } }),
  ])
  expect([...catalog.hostPods.values()]).toEqual([{ id: 'x/h', node: '', addresses: [] }])
  expect(catalog.endpoints).toEqual([])
})

test.each(['Succeeded', 'Failed', 'Completed'])('a pod whose phase is %s is not there', (phase) => {
  expect(new Catalog([pod('x/done', 'n1', { address: '10.0.0.2', phase })]).pod('x/done')).toBeUndefined()
})

test('a pod that is being deleted is there as long as it has its address', () => {
  const leaving = pod('x/leaving', 'n1', { address: '10.0.0.1' })
  leaving.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  const unknown = pod('x/staying', 'n1', { address: '10.0.0.3' })
  unknown.metadata.annotations = { 'cni.projectcalico.org/podIP': '' }
  expect(new Catalog([leaving, unknown]).endpoints.map(({ id }) => id)).toEqual(['x/leaving', 'x/staying'])
})

test('every Service, and every address of it with a port of each protocol', () => {
  const ports = [{ port: null }, { port: 53, protocol: 'UDP' }]
  const two = {
    ...slice('y/two', '192.0.2.2', ports),
    endpoints: [{ addresses: ['192.0.2.2', 'fd00::2'] }, {}],
  }
  const bare = { ...slice('y/bare', ''), endpoints: undefined, ports: undefined }
  const catalog = new Catalog([two, bare, slice('y/one', '192.0.2.1')])
  expect(catalog.serviceMembers('y/two')).toEqual([
    { address: '192.0.2.2', protocol: 17, port: 53 },
    { address: 'fd00::2', protocol: 17, port: 53 },
  ])
  expect(catalog.allServiceMembers()).toHaveLength(3)
  expect([catalog.serviceMembers('y/bare'), catalog.serviceMembers('y/none')]).toEqual([[], []])
})
