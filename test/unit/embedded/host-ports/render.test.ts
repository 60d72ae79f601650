import { hostPorts } from '../../../../src/embedded/host-ports/host-port.ts'
import { hostPortTable, renderHostPorts } from '../../../../src/embedded/host-ports/render.ts'
import { nftDiff } from '../../../../src/kernel/index.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { expectGolden } from '../../../support/golden.ts'

const [four, six] = ['192.168.8.1', 'fd00:10:244:1::1']

const web = pod('web', [
  { containerPort: 80, hostPort: 8080 },
  { containerPort: 53, hostPort: 53, protocol: 'UDP' },
  { containerPort: 80, hostPort: 8081, hostIP: '172.18.0.2' },
  { containerPort: 80, hostPort: 8082, hostIP: 'FC00:F853:CCD:E793:0:0:0:2' },
  { containerPort: 80, hostPort: 8083, hostIP: '0.0.0.0' },
  { containerPort: 9090 },
])

test('ports of the node become destination NAT to the pod, but for those of another family, and of other nodes', () => {
  const ports = hostPorts([web, pod('elsewhere', [{ containerPort: 80, hostPort: 80 }], { node: 'node-2' })])
  const script = (family: 4 | 6) =>
    nftDiff(hostPortTable(family), null, renderHostPorts(ports, family, 'node-1'))
  expectGolden('host-ports/cni_hostport.nft', script(4))
  expectGolden('host-ports/cni_hostport-ipv6.nft', script(6))
})

test('a pod that comes beside changes its lines alone, and the last that goes leaves nothing', () => {
  const other = pod('api', [{ containerPort: 443, hostPort: 443 }], { addresses: ['192.168.8.2'] })
  const rules = (...pods: KubernetesObject[]) => renderHostPorts(hostPorts(pods), 4, 'node-1')
  const table = hostPortTable(4)
  expectGolden('host-ports/pod-comes.nft', nftDiff(table, rules(web), rules(web, other)))
  expectGolden('host-ports/last-pod-goes.nft', nftDiff(table, rules(web), rules()))
  expect(nftDiff(table, rules(), rules(pod('plain', [{ containerPort: 80 }])))).toBe('')
})

test('what was there before is not left where nothing is wanted', () => {
  expect(nftDiff(hostPortTable(4), null, renderHostPorts([], 4, 'node-1'))).toBe(
    'add table ip cni_hostport\ndelete table ip cni_hostport\nadd table ip cni_hostport\n',
  )
})

const wanted = [{ containerPort: 80, hostPort: 80 }]

test.each<[string, KubernetesObject]>([
  ['has ended', pod('done', wanted, { phase: 'Succeeded' })],
  ['has failed', pod('done', wanted, { phase: 'Failed' })],
  ['is on no node', pod('waits', wanted, { node: '' })],
  ['has no address yet', pod('begins', wanted, { addresses: [] })],
  ['is on the network of its node', pod('host', wanted, { hostNetwork: true })],
])('a pod that %s has no port of its node led to it', (_title, object) => {
  expect(hostPorts([object])).toEqual([])
})

test('init containers have none, sidecars among them: a kubelet forwards those of containers alone', () => {
  const object = pod('web', [])
  object.spec.initContainers = [{ name: 'proxy', restartPolicy: 'Always', ports: wanted }]
  expect(hostPorts([object])).toEqual([])
})

test('a name that is too long for a comment of nftables is cut', () => {
  const long = pod('x'.repeat(200), wanted)
  const lines = renderHostPorts(hostPorts([long]), 4, 'node-1').chains.get('hostports')!.lines
  expect(lines).toEqual([`tcp dport 80 dnat to ${four}:80 comment "shop/${'x'.repeat(92)}..."`])
})

interface PodOptions {
  node?: string
  addresses?: string[]
  phase?: string
  hostNetwork?: boolean
}

function pod(
  name: string,
  ports: object[],
  { node = 'node-1', addresses = [four, six], phase = 'Running', hostNetwork }: PodOptions = {},
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop' },
    spec: { nodeName: node, hostNetwork, containers: [{ name: 'main', ports }] },
    status: { phase, podIPs: addresses.map((ip) => ({ ip })) },
  }
}
