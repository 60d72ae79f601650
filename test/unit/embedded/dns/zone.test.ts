import { renderZone } from '../../../../src/embedded/dns/zone.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

const server = '10.96.0.10'

const service = (spec: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop' },
  spec,
})
const slice: KubernetesObject = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
  endpoints: [
    { addresses: ['192.168.8.1'], conditions: { ready: true } },
    { addresses: ['192.168.8.2'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['192.168.8.3'], conditions: { ready: false } },
  ],
}

test('a Service has an A record, a PTR record, and SRV records of its named ports', () => {
  const zone = renderZone(
    [service({ clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80 }, { port: 81 }] })],
    [slice],
    server,
  )
  expect(zone).toContain('A web.shop.svc.cluster.local 10.96.0.7\n')
  expect(zone).toContain('PTR 7.0.96.10.in-addr.arpa web.shop.svc.cluster.local\n')
  expect(zone).toContain('SRV _http._tcp.web.shop.svc.cluster.local 80 web.shop.svc.cluster.local\n')
  expect(zone).not.toContain('A web.shop.svc.cluster.local 192.168.8.1\n')
  expect(zone).not.toContain('192.168.8.3')
})

test('an endpoint of any Service has a name, and its address leads back to it', () => {
  const zone = renderZone([service({ clusterIP: '10.96.0.7', ports: [] })], [slice], server)
  expect(zone).toContain('A db-0.web.shop.svc.cluster.local 192.168.8.2\n')
  expect(zone).toContain('PTR 1.8.168.192.in-addr.arpa 192-168-8-1.web.shop.svc.cluster.local\n')
})

test('a headless Service has the addresses of its ready endpoints, each under its hostname too', () => {
  const zone = renderZone([service({ clusterIP: 'None', ports: [] })], [slice], server)
  expect(zone).toContain('A web.shop.svc.cluster.local 192.168.8.1\n')
  expect(zone).toContain('A 192-168-8-1.web.shop.svc.cluster.local 192.168.8.1\n')
  expect(zone).toContain('A db-0.web.shop.svc.cluster.local 192.168.8.2\n')
  expect(zone).not.toContain('192.168.8.3')
})

test("an endpoint's address leads back to its name, and an ExternalName is an alias", () => {
  expect(renderZone([service({ clusterIP: 'None' })], [slice], server)).toContain(
    'PTR 2.8.168.192.in-addr.arpa db-0.web.shop.svc.cluster.local\n',
  )
  expect(renderZone([service({ type: 'ExternalName', externalName: 'example.org.' })], [], server)).toContain(
    'CNAME web.shop.svc.cluster.local example.org\n',
  )
})

test('both families have their records, and every hexadecimal digit its label', () => {
  const six = {
    ...slice,
    endpoints: [{ addresses: ['fd00:10:244:1::2'], conditions: { ready: true } }],
  }
  const spec = { clusterIP: '10.96.0.7', clusterIPs: ['10.96.0.7', 'fd00:10:96::7'], ports: [] }
  const zone = renderZone([service(spec)], [], server)
  expect(zone).toContain('A web.shop.svc.cluster.local 10.96.0.7\n')
  expect(zone).toContain('AAAA web.shop.svc.cluster.local fd00:10:96::7\n')
  expect(zone).toContain(
    'PTR 7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa web.shop.svc.cluster.local\n',
  )
  expect(renderZone([service({ clusterIP: 'None' })], [six], server)).toContain(
    'AAAA fd00-10-244-1--2.web.shop.svc.cluster.local fd00:10:244:1::2\n',
  )
})

test('a headless Service has no name without endpoints, and may publish those that are not ready', () => {
  expect(renderZone([service({ clusterIP: 'None' })], [], server)).not.toContain('web.shop')
  const spec = { clusterIP: 'None', publishNotReadyAddresses: true }
  expect(renderZone([service(spec)], [slice], server)).toContain('A web.shop.svc.cluster.local 192.168.8.3\n')
})
