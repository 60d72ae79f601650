import { podsOfService, serviceSlices, targetPortOf } from '../../../../src/policy/complete/service-slices.ts'
import { make, pod, port, slice } from '../small-cluster.ts'

const a = pod('x/a', 'n1', {
  labels: { app: 'a', tier: 'web' },
  ports: [port('http', 8080), port('http', 53, 'UDP')],
})
const b = pod('x/b', 'n1', { labels: { app: 'a' }, ports: [{ containerPort: 9 }] })
const elsewhere = pod('y/c', 'n1', { labels: { app: 'a', tier: 'web' } })

function service(spec: object | undefined, name = 's', namespace: string | undefined = 'x') {
  return make('v1', 'Service', { name, namespace }, { spec })
}

test('a slice for each pod that a Service selects, with the ports that the pod has', () => {
  const ports = [
    { port: 80, targetPort: 'http' },
    { port: 443 },
    { port: 53, targetPort: 5353, protocol: 'UDP' },
  ]
  expect(serviceSlices([a, b, elsewhere, service({ selector: { app: 'a' }, ports })])).toEqual([
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 's-a', namespace: 'x', labels: { 'kubernetes.io/service-name': 's' } },
      endpoints: [{ addresses: ['10.0.1.1'] }],
      ports: [
        { port: 8080, protocol: 'TCP' },
        { port: 443, protocol: 'TCP' },
        { port: 5353, protocol: 'UDP' },
      ],
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 's-b', namespace: 'x', labels: { 'kubernetes.io/service-name': 's' } },
      endpoints: [{ addresses: ['10.0.1.2'] }],
      ports: [
        { port: 443, protocol: 'TCP' },
        { port: 5353, protocol: 'UDP' },
      ],
    },
  ])
})

test('a pod without an address has a slice without one, a Service without ports none of those', () => {
  const fresh = make('v1', 'Pod', { name: 'new', namespace: 'x', labels: { app: 'new' } })
  const [made] = serviceSlices([fresh, service({ selector: { app: 'new' } })])
  expect(made).toMatchObject({ endpoints: [{ addresses: [] }], ports: [] })
})

test('a Service that has a slice gets no other; one of that name elsewhere does', () => {
  const selector = { app: 'a' }
  const named = (objects: Parameters<typeof serviceSlices>[0]) =>
    serviceSlices(objects).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
  const given = slice('x/s', '192.0.2.1')
  expect(named([a, elsewhere, given, service({ selector }), service({ selector }, 's', 'y')])).toEqual([
    'y/s-c',
  ])
  expect(named([a, given, service({ selector }, 'other')])).toEqual(['x/other-a'])
})

test.each<[string, object, string[]]>([
  ['one family, that of its pods, unless it says otherwise', {}, ['10.0.1.3']],
  ['the family of its address', { clusterIP: 'fd00:96::1' }, ['fd00::3']],
  ['headless is no address', { clusterIP: 'None' }, ['10.0.1.3']],
  ['the families that it names', { ipFamilies: ['IPv6'], ipFamilyPolicy: 'SingleStack' }, ['fd00::3']],
  ['IPv4 by name', { ipFamilies: ['IPv4'], clusterIP: 'fd00:96::1' }, ['10.0.1.3']],
  ['two, named', { ipFamilies: ['IPv6', 'IPv4'] }, ['10.0.1.3', 'fd00::3']],
  ['two, where the cluster has them', { ipFamilyPolicy: 'PreferDualStack' }, ['10.0.1.3', 'fd00::3']],
])('addresses of a Service: %s', (_, fields, addresses) => {
  const podIPs = [{ ip: '10.0.1.3' }, { ip: 'fd00::3' }]
  const both = { ...a, status: { podIP: '10.0.1.3', podIPs } }
  const made = serviceSlices([both, service({ selector: { app: 'a' }, ...fields })])
  expect(made.map(({ metadata, endpoints }) => [metadata.name, endpoints])).toEqual([
    ['s-a', [{ addresses }]],
  ])
})

test('what is no Service has no slices', () => {
  const spec = { selector: { app: 'a' } }
  expect(
    serviceSlices([a, make('v1', 'ReplicationController', { name: 'rc', namespace: 'x' }, { spec })]),
  ).toEqual([])
})

test('a finished pod is no endpoint, and a name elsewhere has none', () => {
  const selector = { app: 'a' }
  const pods = ['Succeeded', 'Failed', 'Pending', 'Running'].map((phase) => ({
    ...a,
    metadata: { ...a.metadata, name: phase.toLowerCase() },
    status: { podIP: '10.0.1.3', phase },
  }))
  const named = (objects: Parameters<typeof serviceSlices>[0]) =>
    serviceSlices(objects).map(({ metadata }) => metadata.name)
  expect(named([...pods, service({ selector })])).toEqual(['s-pending', 's-running'])
  expect(named([...pods, service({ selector, type: 'ExternalName', externalName: 'a.example' })])).toEqual([])
})

test('only a slice that names its Service serves one', () => {
  const labels = { 'kubernetes.io/service-name': 's' }
  const bare = make('discovery.k8s.io/v1', 'EndpointSlice', { name: 'bare', namespace: 'x' })
  const impostor = make('v1', 'ConfigMap', { name: 'c', namespace: 'x', labels })
  expect(serviceSlices([a, bare, impostor, service({ selector: { app: 'a' } })])).toHaveLength(1)
})

test('what has no namespace is in default', () => {
  const lone = make('v1', 'Pod', { name: 'p', labels: { app: 'p' } })
  const lonely = make('v1', 'Service', { name: 's' }, { spec: { selector: { app: 'p' } } })
  const [made] = serviceSlices([lone, lonely])
  expect(made!.metadata).toMatchObject({ name: 's-p', namespace: 'default' })
  const given = make('discovery.k8s.io/v1', 'EndpointSlice', {
    name: 's-1',
    labels: { 'kubernetes.io/service-name': 's' },
  })
  expect(serviceSlices([lone, lonely, given])).toEqual([])
})

test('objects of other kinds are no Services and no pods', () => {
  const selector = { app: 'a' }
  const knative = make(
    'serving.knative.dev/v1',
    'Service',
    { name: 's', namespace: 'x' },
    { spec: { selector } },
  )
  const template = make('v1', 'PodTemplate', { name: 't', namespace: 'x', labels: selector })
  const metrics = make('metrics.k8s.io/v1beta1', 'Pod', { name: 'm', namespace: 'x', labels: selector })
  expect(serviceSlices([a, knative])).toEqual([])
  expect(serviceSlices([template, metrics, service({ selector })])).toEqual([])
})

describe('the pods of a Service', () => {
  test.each<[string, object | undefined, string[]]>([
    ['every label must fit', { selector: { app: 'a', tier: 'web' } }, ['x/a']],
    ['one label', { selector: { app: 'a' } }, ['x/a', 'x/b']],
    ['a label that nobody has', { selector: { app: 'z' } }, []],
    ['no selector', {}, []],
    ['an empty selector', { selector: {} }, []],
    ['no spec', undefined, []],
  ])('%s', (_, spec, expected) => {
    const unlabelled = make('v1', 'Pod', { name: 'u', namespace: 'x' })
    const found = podsOfService(service(spec), [a, b, elsewhere, unlabelled])
    expect(found.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual(expected)
  })
})

describe('the container port of a Service port', () => {
  test.each([
    [{ port: 80 }, 80],
    [{ port: 80, targetPort: 8080 }, 8080],
    [{ port: 80, targetPort: 'http' }, 8080],
    [{ port: 80, targetPort: 'http', protocol: 'UDP' }, 53],
    [{ port: 80, targetPort: 'http', protocol: 'SCTP' }, undefined],
    [{ port: 80, targetPort: 'other' }, undefined],
  ])('%j: %j', (servicePort, expected) => {
    expect(targetPortOf(servicePort, a)).toBe(expected)
  })

  test('sidecars have ports, too, after containers; other init containers have none', () => {
    const ports = [port('late', 1), port('http', 2)]
    const withInit = (restartPolicy?: string) => ({
      ...a,
      spec: { ...a.spec, initContainers: [{ name: 'i', restartPolicy, ports }] },
    })
    const late = { port: 80, targetPort: 'late' }
    expect(targetPortOf(late, withInit('Always'))).toBe(1)
    expect(targetPortOf(late, withInit())).toBeUndefined()
    expect(targetPortOf({ port: 80, targetPort: 'http' }, withInit('Always'))).toBe(8080)
  })

  test('container ports are TCP unless they say otherwise; pods may have none', () => {
    const plain = pod('x/p', 'n1', { ports: [{ name: 'web', containerPort: 81 }] })
    const containers = [{}, ...plain.spec.containers]
    expect(targetPortOf({ port: 80, targetPort: 'web' }, { ...plain, spec: { containers } })).toBe(81)
    expect(targetPortOf({ port: 80, targetPort: 'web' }, { ...plain, spec: undefined })).toBeUndefined()
  })
})
