import { formatCidr } from '../../../../src/cidr.ts'
import { completeCluster } from '../../../../src/policy/lint/cluster-objects.ts'
import { calico, make } from '../small-cluster.ts'

type Objects = Parameters<typeof completeCluster>[0]

const dns = make(
  'v1',
  'Pod',
  { name: 'dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  { status: { podIP: '10.0.0.53' } },
)

function addressesOf(objects: Objects): Record<string, string | undefined> {
  const pods = completeCluster(objects).objects.filter(({ kind }) => kind === 'Pod')
  return Object.fromEntries(pods.map(({ metadata, status }) => [metadata.name, status?.podIP]))
}

test('a cluster without DNS gets a DNS pod, and only such a one', () => {
  const { objects, assumedPods } = completeCluster([])
  expect([...assumedPods]).toEqual(['kube-system/coredns'])
  expect(objects).toMatchObject([
    {
      kind: 'Pod',
      metadata: { name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
      spec: {
        containers: [
          {
            ports: [
              { name: 'dns', containerPort: 53, protocol: 'UDP' },
              { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
            ],
          },
        ],
      },
      status: { podIP: '192.168.255.254' },
    },
  ])
  expect([...completeCluster([dns]).assumedPods]).toEqual([])
  const elsewhere = { ...dns, metadata: { ...dns.metadata, namespace: 'x' } }
  const unlabelled = { ...dns, metadata: { name: 'dns', namespace: 'kube-system' } }
  expect([...completeCluster([elsewhere, unlabelled]).assumedPods]).toEqual(['kube-system/coredns'])
  const service = make('v1', 'Service', dns.metadata, { spec: { clusterIP: '10.96.0.10' } })
  const metrics = make('metrics.k8s.io/v1beta1', 'Pod', dns.metadata)
  expect([...completeCluster([service, metrics]).assumedPods]).toEqual(['kube-system/coredns'])
})

test('pods without an address get the last of the pod network that nobody has', () => {
  const fresh = (name: string, status?: object, spec?: object) =>
    make('v1', 'Pod', { name, namespace: 'x' }, { status, spec })
  expect(
    addressesOf([
      dns,
      fresh('one'),
      fresh('two', { phase: 'Pending' }),
      fresh('taken', { podIP: '192.168.255.253' }),
      fresh('six', { podIPs: [{ ip: 'fd00::1' }] }),
      fresh('host', undefined, { hostNetwork: true }),
      fresh('none', { podIPs: [] }),
    ]),
  ).toEqual({
    dns: '10.0.0.53',
    one: '192.168.255.254',
    two: '192.168.255.252',
    taken: '192.168.255.253',
    six: undefined,
    host: undefined,
    none: '192.168.255.251',
  })
})

test('the pod networks are those of the IP pools, or the usual one', () => {
  const networks = (objects: Objects) => completeCluster(objects).podNetworks.map(formatCidr)
  expect(networks([])).toEqual(['192.168.0.0/16'])
  const pools = ['10.42.0.0/16', 'fd00::/64'].map((cidr, index) =>
    calico('IPPool', { name: `p${index}` }, { cidr }),
  )
  expect(networks(pools)).toEqual(['10.42.0.0/16', 'fd00::/64'])
  expect(addressesOf(pools)).toEqual({ coredns: '10.42.255.254' })
  expect(
    networks([
      make('projectcalico.org/v3', 'IPPool', { name: 'bare' }),
      calico('IPPool', { name: 'bad' }, { cidr: 'x' }),
    ]),
  ).toEqual(['192.168.0.0/16'])
})

test('workloads get pods and Services endpoints, which can have an address that was made up', () => {
  const labels = { app: 'web' }
  const deployment = make(
    'apps/v1',
    'Deployment',
    { name: 'web', namespace: 'x' },
    { spec: { template: { metadata: { labels }, spec: {} } } },
  )
  const service = make(
    'v1',
    'Service',
    { name: 's', namespace: 'x' },
    { spec: { selector: labels, ports: [{ port: 80 }] } },
  )
  const { objects, assumedPods } = completeCluster([dns, deployment, service])
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'Pod dns',
    'Deployment web',
    'Service s',
    'Pod web',
    'EndpointSlice s-web',
  ])
  expect(objects.at(-1)).toMatchObject({ endpoints: [{ addresses: ['192.168.255.254'] }] })
  expect([...assumedPods]).toEqual([])
})

test('a pod of another group is none', () => {
  const metrics = make('metrics.k8s.io/v1beta1', 'Pod', { name: 'm', namespace: 'x' })
  expect(completeCluster([dns, metrics]).objects).toEqual([dns, metrics])
})
