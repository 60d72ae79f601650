import { renderServices, serviceTable } from '../../../../src/embedded/services/render.ts'
import { virtualPorts } from '../../../../src/embedded/services/virtual-port.ts'
import { nftDiff } from '../../../../src/kernel/index.ts'
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
  const rules = renderServices(virtualPorts(services, slices), 4, 'node-1')
  expectGolden('services/kube-proxy.nft', nftDiff(serviceTable(4), null, rules))
})

test('a Service of both families has one table in each, with the endpoints of that family', () => {
  const dual = service('web', '10.96.1.1', [{ name: 'http', port: 80, nodePort: 30080 }])
  dual.spec = { ...dual.spec, clusterIPs: ['10.96.1.1', 'fd00:10:96::101'], sessionAffinity: 'ClientIP' }
  const four = slice('web', [{ name: 'http', port: 8080 }], [endpoint('192.168.8.1')])
  const six = {
    ...slice('web', [{ name: 'http', port: 8080 }], [endpoint('fd00:10:244:1::1')]),
    addressType: 'IPv6',
  }
  const ports = virtualPorts([dual], [four, six])
  expect(ports.map(({ address, endpoints }) => [address, endpoints.map((each) => each.address)])).toEqual([
    ['10.96.1.1', ['192.168.8.1']],
    ['fd00:10:96::101', ['fd00:10:244:1::1']],
  ])
  const rules = renderServices(ports, 6, 'node-1')
  expectGolden('services/kube-proxy-ipv6.nft', nftDiff(serviceTable(6), null, rules))
})

test('an endpoint that comes changes its Service alone, and clients that are remembered stay', () => {
  const sticky = { ...services[0]!, spec: { ...services[0]!.spec, sessionAffinity: 'ClientIP' } }
  const rules = (...addresses: string[]) => {
    const own = slice(
      'web',
      [{ name: 'http', port: 8080 }],
      addresses.map((each) => endpoint(each)),
    )
    return renderServices(virtualPorts([sticky, services[1]!], [own, slices[1]!]), 4, 'node-1')
  }
  expectGolden(
    'services/endpoint-comes.nft',
    nftDiff(serviceTable(4), rules('192.168.8.1'), rules('192.168.8.1', '192.168.8.2')),
  )
})

test('endpoints that are not ready take no traffic; a headless Service has no virtual address', () => {
  const ports = virtualPorts(services, slices)
  expect(ports.map(({ title, endpoints }) => [title, endpoints.length])).toEqual([
    ['shop/dns/tcp/53', 1],
    ['shop/dns/udp/53', 1],
    ['shop/idle/tcp/80', 0],
    ['shop/web/tcp/80', 2],
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
    renderServices(virtualPorts([nodePort(spec)], [placed]), 4, node)
  const linesOf = (spec: object, node: string, chain: string) => render(spec, node).chains.get(chain)?.lines
  const elementsOf = (spec: object, node: string, set: string) => render(spec, node).sets.get(set)!.elements
  const external = 'external-shop/web/tcp/80'

  test('a node port leads to every endpoint, under the address of the node', () => {
    expect(elementsOf({}, 'node-1', 'service-nodeports')).toEqual([`tcp . 30080 : goto ${external}`])
    expect(linesOf({}, 'node-1', external)).toEqual([
      'jump mark-for-masquerade',
      'goto service-shop/web/tcp/80',
    ])
    expect(linesOf({}, 'node-1', 'service-shop/web/tcp/80')).toEqual([
      'numgen random mod 2 vmap { 0 : goto endpoint-shop/web/tcp/80__192.168.16.1/8080, 1 : goto endpoint-shop/web/tcp/80__192.168.8.1/8080 }',
    ])
  })

  test('externalTrafficPolicy Local keeps the source and stays on the node; the cluster itself goes anywhere', () => {
    const local = { externalTrafficPolicy: 'Local' }
    expect(linesOf(local, 'node-1', external)).toEqual([
      'ip saddr 192.168.0.0/16 goto service-shop/web/tcp/80 comment "short-circuit pod traffic"',
      'fib saddr type local jump mark-for-masquerade',
      'fib saddr type local goto service-shop/web/tcp/80 comment "short-circuit local traffic"',
      'goto local-shop/web/tcp/80',
    ])
    expect(linesOf(local, 'node-1', 'local-shop/web/tcp/80')).toEqual([
      'numgen random mod 1 vmap { 0 : goto endpoint-shop/web/tcp/80__192.168.8.1/8080 }',
    ])
    expect(linesOf(local, 'node-3', external)).toHaveLength(3)
    expect(elementsOf(local, 'node-3', 'no-endpoint-nodeports')).toEqual(['tcp . 30080 : drop'])
  })

  test('internalTrafficPolicy Local drops where the node has no endpoint', () => {
    const local = { internalTrafficPolicy: 'Local' }
    expect(elementsOf(local, 'node-3', 'no-endpoint-services')).toEqual(['10.96.1.1 . tcp . 80 : drop'])
    expect(elementsOf(local, 'node-3', 'service-ips')).toEqual([])
    expect(elementsOf(local, 'node-1', 'service-ips')).toEqual([
      '10.96.1.1 . tcp . 80 : goto local-shop/web/tcp/80',
    ])
  })

  test('with session affinity each endpoint remembers its clients for a time', () => {
    const sticky = {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
    }
    const name = 'affinity-60s-shop/web/tcp/80__192.168.8.1/8080'
    expect(render(sticky, 'node-1').sets.get(name)).toMatchObject({ type: 'ipv4_addr', timeoutSeconds: 60 })
    expect(linesOf(sticky, 'node-1', 'service-shop/web/tcp/80')![1]).toBe(
      `ip saddr @${name} goto endpoint-shop/web/tcp/80__192.168.8.1/8080`,
    )
    expect(linesOf(sticky, 'node-1', 'endpoint-shop/web/tcp/80__192.168.8.1/8080')![1]).toBe(
      `update @${name} { ip saddr }`,
    )
  })

  test('an external address leads where a node port does', () => {
    const spec = { externalIPs: ['203.0.113.80', '2001:db8::80'] }
    expect(elementsOf(spec, 'node-1', 'service-ips')).toContain(`203.0.113.80 . tcp . 80 : goto ${external}`)
    expect(elementsOf(spec, 'node-1', 'service-ips')).toHaveLength(2)
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
