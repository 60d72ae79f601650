import { formatAddress } from '../../../../src/cidr.ts'
import { Catalog } from '../../../../src/policy/model/catalog.ts'
import { calico, make, pod, port, slice, smallCluster } from '../small-cluster.ts'

describe('labels of endpoints', () => {
  test('a pod has its own, the forced ones, and those of its namespace and service account', () => {
    const own = { app: 'a', 'pcns.team': 'forged', 'projectcalico.org/namespace': 'forged' }
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
  expect(['172.18.0.2', '10.0.2.0', '10.0.1.1'].map((text) => catalog.nodeOf(text))).toEqual([
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
