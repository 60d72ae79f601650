import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { buildModel } from '../../../../src/policy/index.ts'
import { calico, cnp, gnp, knp, make, np, pod, smallCluster, tier } from '../small-cluster.ts'

const allow = { action: 'Allow' }
const deny = { action: 'Deny' }
const http = { ...allow, protocol: 'TCP', http: { methods: ['GET'] } }

/** Of copies: what is known of an object is kept. */
function told(...objects: KubernetesObject[]): string[] {
  return buildModel([...smallCluster(), ...structuredClone(objects)]).unsupported
}

function annotated(key: string): KubernetesObject {
  const object = pod('x/p', 'n1', { address: '10.0.1.9' })
  return { ...object, metadata: { ...object.metadata, annotations: { [key]: '1', other: '2' } } }
}

const qos = 'Pod x/p: limits of packets and connections are not modelled'
const withdrawn = 'Calico ignores this kind since v3.32; ClusterNetworkPolicy has taken its place'
const experimental =
  'ClusterNetworkPolicy c: nodes and domainNames are of the experimental channel: such an Accept rule is dropped, any other denies everything'

describe('named as not modelled:', () => {
  test.each<[string, KubernetesObject, string]>([
    [
      'AdminNetworkPolicies',
      make('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', { name: 'a' }),
      `AdminNetworkPolicy a: ${withdrawn}`,
    ],
    [
      'the baseline one',
      make('policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy', { name: 'default' }),
      `BaselineAdminNetworkPolicy default: ${withdrawn}`,
    ],
    [
      'settings of Felix',
      calico('FelixConfiguration', { name: 'default' }, {}),
      "FelixConfiguration default: of Felix's settings only the failsafe ports are read; its defaults are assumed for the others",
    ],
    [
      'names of domains',
      cnp({ egress: [{ action: 'Accept', to: [{ domainNames: ['example.org'] }] }] }),
      experimental,
    ],
    [
      'nodes, in any rule and among other peers',
      cnp({
        egress: [
          { ...deny, to: [{ namespaces: {} }] },
          { ...deny, to: [{ namespaces: {} }, { nodes: {} }] },
        ],
      }),
      experimental,
    ],
    [
      'HTTP, in any rule',
      np({ ingress: [allow, http] }),
      'NetworkPolicy x/n: http matches are checked by Envoy alone; the kernel allows the whole flow',
    ],
    ['limits of packets coming in', annotated('qos.projectcalico.org/ingressPacketRate'), qos],
    ['limits of packets going out', annotated('qos.projectcalico.org/egressPacketRate'), qos],
    ['limits of connections', annotated('qos.projectcalico.org/egressMaxConnections'), qos],
    [
      'a tier that is not there',
      np({ tier: 'gone' }),
      'Tier gone does not exist: its policies are enforced after all others and deny at the end',
    ],
  ])('%s', (_, object, sentence) => {
    expect(told(object)).toEqual([sentence])
  })

  test('a tier once, however many policies name it', () => {
    const policies = [np({ tier: 'gone' }, 'a'), np({ tier: 'gone' }, 'b'), np({ tier: 'lost' }, 'c')]
    expect(told(...policies).map((text) => text.slice(0, 9))).toEqual(['Tier gone', 'Tier lost'])
  })
})

test.each<[string, KubernetesObject[]]>([
  ['peers of the standard channel', [cnp({ egress: [{ ...deny, to: [{ networks: ['10.0.0.0/8'] }] }] })]],
  ['rules of ingress alone', [cnp({ ingress: [{ ...deny, from: [{ namespaces: {} }] }] })]],
  ['rules without HTTP', [np({ ingress: [allow] }), np({ types: ['Egress'] }, 'out')]],
  [
    'other annotations',
    [
      annotated('qos.projectcalico.org/ingressBandwidth'),
      annotated('my.qos.projectcalico.org/ingressPacketRate'),
    ],
  ],
  ['annotations that go on', [annotated('qos.projectcalico.org/ingressPacketRates')]],
  [
    'built-in tiers',
    [
      np({}),
      cnp({ ingress: [{ ...deny, from: [{ namespaces: {} }] }] }),
      cnp({ tier: 'Baseline' }, 'b'),
      knp({}),
    ],
  ],
  [
    'what other kinds have by the same names',
    [
      make('example.com/v1', 'Gateway', { name: 'g' }, { spec: { egress: [{ to: [{ nodes: {} }] }] } }),
      make('example.com/v1', 'Gateway', { name: 'h' }, { spec: { ingress: [null] } }),
    ],
  ],
  ['tiers that are there', [tier('t'), np({ tier: 't' })]],
])('not named: %s', (_, objects) => {
  expect(told(...objects)).toEqual([])
})

describe('policies of hosts that are asked early', () => {
  const hep = (interfaceName: string, labels: Record<string, string> = { host: 'yes' }, name = 'h') =>
    calico('HostEndpoint', { name, labels }, { node: 'n1', interfaceName, expectedIPs: ['172.18.0.2'] })
  const raw = gnp({ selector: 'has(host)', doNotTrack: true, applyOnForward: true })
  const early = (spec: object) => gnp({ selector: 'has(host)', preDNAT: true, applyOnForward: true, ...spec })
  const first =
    'GlobalNetworkPolicy g: doNotTrack: the first packet is judged; answers to what it allows need rules of their own'
  const ignored = 'GlobalNetworkPolicy g: Calico ignores doNotTrack on HostEndpoints for all interfaces'
  const own =
    "GlobalNetworkPolicy g: preDNAT sees a Service's own address and port; what comes through that address is judged by where it ends"

  test('without tracking: by what they select', () => {
    expect(told(raw, hep('eth0'))).toEqual([first])
    expect(told(raw, hep('*'))).toEqual([ignored])
    expect(told(raw, hep('*'), hep('eth0', { host: 'no' }, 'h2'))).toEqual([first])
    expect(told(raw, hep('*'), hep('eth0', {}, 'h2'))).toEqual([ignored])
    expect(told(raw, hep('eth0', {}))).toEqual([])
    expect(told(raw)).toEqual([])
  })

  test.each<[string, object, string[]]>([
    ['nothing', {}, []],
    ['no rule', { types: ['Ingress'] }, []],
    ['the source', { ingress: [{ ...deny, source: { nets: ['10.0.0.0/8'] } }] }, []],
    ['blocks', { ingress: [deny, { ...deny, destination: { nets: ['10.0.0.0/8'] } }] }, [own]],
    ['other blocks', { ingress: [{ ...deny, destination: { notNets: ['10.0.0.0/8'] } }] }, [own]],
    ['ports', { ingress: [{ ...deny, protocol: 'TCP', destination: { ports: [80] } }] }, [own]],
  ])('before DNAT, that ask for %s', (_, spec, sentences) => {
    expect(told(early(spec), hep('eth0'))).toEqual(sentences)
    expect(told(early(spec), hep('eth0', {}))).toEqual([])
  })

  test('are not told of where policies are normal', () => {
    const rule = { ...deny, destination: { nets: ['10.0.0.0/8'] } }
    expect(told(gnp({ selector: 'has(host)', ingress: [rule] }), hep('eth0'))).toEqual([])
  })
})
