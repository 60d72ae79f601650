import { renderServices } from '../../../../src/embedded/services/render.ts'
import { virtualPorts } from '../../../../src/embedded/services/virtual-port.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { expectGolden } from '../../../support/golden.ts'

const services: KubernetesObject[] = [
  service('web', '10.96.1.1', [{ name: 'http', port: 80 }]),
  service('dns', '10.96.0.10', [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53 },
  ]),
  service('idle', '10.96.1.2', [{ port: 80 }]),
  service('headless', 'None', [{ port: 80 }]),
]

const slices: KubernetesObject[] = [
  slice('web', [{ name: 'http', port: 8080 }], [endpoint('192.168.0.65'), endpoint('192.168.0.1')]),
  slice(
    'dns',
    [
      { name: 'dns', port: 5353, protocol: 'UDP' },
      { name: 'dns-tcp', port: 5353, protocol: 'TCP' },
    ],
    [endpoint('192.168.0.2')],
  ),
  slice('idle', [{ port: 80 }], [endpoint('192.168.0.3', false)]),
]

test('ClusterIPs become destination NAT, hairpins, and a refusal where nobody is ready', () => {
  expectGolden('services/kube-proxy.nft', renderServices(virtualPorts(services, slices)))
})

test('endpoints that are not ready take no traffic; a headless Service has no virtual address', () => {
  const ports = virtualPorts(services, slices)
  expect(ports.map(({ title, endpoints }) => [title, endpoints.length])).toEqual([
    ['shop/dns:tcp/53', 1],
    ['shop/dns:udp/53', 1],
    ['shop/idle:tcp/80', 0],
    ['shop/web:tcp/80', 2],
  ])
})

test('a port of a slice belongs to the Service port of its name', () => {
  const [tcp, udp] = virtualPorts(services, slices)
  expect(tcp!.endpoints).toEqual([{ address: '192.168.0.2', port: 5353 }])
  expect(udp!.protocol).toBe('udp')
})

describe('node ports and traffic policies', () => {
  const nodePort = (spec: object): KubernetesObject => {
    const {
      metadata,
      spec: basic,
      ...rest
    } = service('web', '10.96.1.1', [{ name: 'http', port: 80, nodePort: 30080 }])
    return { ...rest, metadata, spec: { ...basic, ...spec } }
  }
  const placed = slice(
    'web',
    [{ name: 'http', port: 8080 }],
    [
      { ...endpoint('192.168.8.1'), nodeName: 'node-1' },
      { ...endpoint('192.168.16.1'), nodeName: 'node-2' },
    ],
  )
  const render = (spec: object, node: string) =>
    renderServices(virtualPorts([nodePort(spec)], [placed]), node)

  test('a node port leads to every endpoint, under the address of the node', () => {
    const table = render({}, 'node-1')
    expect(table).toContain('elements = { tcp . 30080 : goto external-shop/web/tcp/80 }')
    expect(table).toContain('meta mark set meta mark | 0x4000')
    expect(table).toContain('2 map { 0 : 192.168.16.1 . 8080, 1 : 192.168.8.1 . 8080 }')
  })

  test('externalTrafficPolicy Local keeps the source and stays on the node', () => {
    const table = render({ externalTrafficPolicy: 'Local' }, 'node-1')
    expect(table).not.toContain('meta mark set meta mark | 0x4000')
    expect(table).toContain('dnat to 192.168.8.1:8080')
    expect(render({ externalTrafficPolicy: 'Local' }, 'node-3')).toContain('{ tcp . 30080 : drop }')
  })

  test('internalTrafficPolicy Local drops where the node has no endpoint', () => {
    expect(render({ internalTrafficPolicy: 'Local' }, 'node-3')).toContain('10.96.1.1 . tcp . 80 : drop')
  })

  test('session affinity chooses by the address of the client', () => {
    expect(render({ sessionAffinity: 'ClientIP' }, 'node-1')).toContain('dnat to jhash ip saddr mod 2 map')
  })
})

function service(name: string, clusterIP: string, ports: object[]): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'shop' },
    spec: { clusterIP, ports },
  }
}

function slice(name: string, ports: object[], endpoints: object[]): KubernetesObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports,
    endpoints,
  }
}

function endpoint(address: string, ready = true): object {
  return { addresses: [address], conditions: { ready } }
}
