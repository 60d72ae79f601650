import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { admit, formatProblem, isPolicyKind } from '../../../../src/policy/index.ts'
import { calico, cnp, gnp, knp, make, np, tier } from '../small-cluster.ts'

function problemsOf(object: KubernetesObject): string[] {
  return admit(object).problems.map(formatProblem)
}

/** One ingress rule of a Calico policy of x. */
const rule = (fields: object) => np({ ingress: [{ action: 'Allow', ...fields }] })
const egressRule = (fields: object) => np({ egress: [{ action: 'Allow', ...fields }] })
const from = (source: object, more: object = {}) => rule({ ...more, source })
const peer = (fields: object) => knp({ ingress: [{ from: [fields] }] })
const portEntry = (fields: object) => knp({ ingress: [{ ports: [fields] }] })
const clusterRule = (fields: object) =>
  cnp({ egress: [{ action: 'Deny', to: [{ networks: ['10.0.0.0/8'] }], ...fields }] })
const set = (nets: string[], labels = {}) =>
  calico('NetworkSet', { name: 's', namespace: 'x', labels }, { nets })
const hep = (spec: object) =>
  calico('HostEndpoint', { name: 'h' }, { node: 'n1', interfaceName: '*', ...spec })
const all = { podSelector: {} }

const refused: [string, KubernetesObject, string][] = [
  ['an unknown field', np({ selectr: 'all()' }), 'spec.selectr: unknown field (did you mean selector?)'],
  [
    'a field of another place',
    np({ podSelector: {} }),
    'spec.podSelector: unknown field (did you mean selector?)',
  ],
  ['rules outside spec', { ...np({}), ingress: [] }, 'ingress: unknown field (known here: apiVersion'],
  ['a wrong type', np({ order: '5' }), 'spec.order: must be a number, not "5"'],
  ['an object for a list', np({ ingress: {} }), 'spec.ingress: must be a list, not an object'],
  [
    'a misspelt choice',
    np({ types: ['ingress'] }),
    '"ingress" is not one of Ingress, Egress (did you mean Ingress?)',
  ],
  ['duplicate types', np({ types: ['Egress', 'Egress'] }), 'spec.types[1]: "Egress" is listed twice'],
  ['empty types', np({ types: [] }), 'spec.types: must have at least one item'],
  ['no name', make('projectcalico.org/v3', 'Tier', {} as never), 'metadata.name: is required'],
  ['a bad name', tier('A_b'), 'metadata.name: "A_b" is not a DNS subdomain'],
  ['a tier with a dot', tier('a.b'), 'metadata.name: a tier name has no dots'],
  ['two dots in a policy name', np({}, 'a.b.c'), 'metadata.name: a Calico policy name has at most one dot'],
  [
    'a namespace on a global kind',
    { ...gnp({}), metadata: { name: 'g', namespace: 'x' } },
    'is not namespaced (remove it)',
  ],
  ['a fixed order', tier('default', { order: 5 }), 'spec.order: of tier default is fixed (write 1000000)'],
  ['a fixed action', tier('kube-admin', { defaultAction: 'Deny' }), 'is fixed (write Pass)'],
  [
    'a selector that cannot be read',
    np({ selector: "a = 'b'" }),
    `spec.selector: selector "a = 'b'", column 3: a single`,
  ],
  [
    'a selector that would broaden',
    gnp({ namespaceSelector: 'team' }),
    'spec.namespaceSelector: selector "team", column 5',
  ],
  [
    'global() in spec',
    np({ selector: 'global()' }),
    "spec.selector: global() may stand in a rule's namespaceSelector",
  ],
  ['preDNAT with doNotTrack', gnp({ preDNAT: true, doNotTrack: true, applyOnForward: true }), 'spec.preDNAT'],
  [
    'preDNAT with egress',
    gnp({ preDNAT: true, applyOnForward: true, egress: [{ action: 'Deny' }] }),
    'spec.egress',
  ],
  [
    'preDNAT of Egress',
    gnp({ preDNAT: true, applyOnForward: true, types: ['Egress'] }),
    'spec.types: a preDNAT',
  ],
  ['doNotTrack alone', gnp({ doNotTrack: true }), 'spec.applyOnForward: must be true'],
  [
    'namespaceSelector on a namespaced policy',
    np({ namespaceSelector: 'all()' }),
    'spec.namespaceSelector: unknown field',
  ],
  [
    'a staged deletion with rules',
    calico('StagedNetworkPolicy', { name: 's' }, { stagedAction: 'Delete', selector: 'all()' }),
    'spec.selector: a staged deletion has no field but tier',
  ],
  [
    'a staged Kubernetes deletion with a selector',
    calico('StagedKubernetesNetworkPolicy', { name: 's' }, { stagedAction: 'Delete', podSelector: {} }),
    'spec.podSelector: a staged deletion has no other field',
  ],
  ['no action', np({ ingress: [{}] }), 'spec.ingress[0].action: is required'],
  ['an action in lower case', np({ ingress: [{ action: 'allow' }] }), '(did you mean Allow?)'],
  ['http on egress', egressRule({ http: {} }), 'http: belongs to ingress rules only'],
  ['http on Deny', np({ ingress: [{ action: 'Deny', http: {} }] }), 'http: belongs to Allow rules only'],
  ['http over UDP', rule({ protocol: 'UDP', http: {} }), 'http: needs protocol TCP'],
  [
    'an http path of neither form',
    rule({ http: { paths: [{}] } }),
    'http.paths[0]: must have either exact or prefix',
  ],
  [
    'duplicate http methods',
    rule({ http: { methods: ['GET', 'GET'] } }),
    'http.methods[1]: "GET" is listed twice',
  ],
  ['ipVersion 5', rule({ ipVersion: 5 }), 'ipVersion: must be 4 or 6'],
  [
    'ipVersion against ICMP',
    rule({ ipVersion: 6, protocol: 'ICMP' }),
    'ipVersion: contradicts protocol ICMP',
  ],
  [
    'ipVersion against CIDRs',
    from({ nets: ['fd00::/8'] }, { ipVersion: 4 }),
    'ipVersion: contradicts the IPv6 CIDRs',
  ],
  [
    'ICMP against CIDRs',
    from({ nets: ['fd00::/8'] }, { protocol: 'ICMP' }),
    'protocol: contradicts the IPv6 CIDRs',
  ],
  [
    'mixed families',
    from({ nets: ['fd00::/8', '10.0.0.0/8'] }),
    'spec.ingress[0]: mixes IPv4 and IPv6 CIDRs',
  ],
  [
    'notNets of everything',
    from({ notNets: ['0.0.0.0/0'] }),
    'notNets[0]: 0.0.0.0/0 leaves nothing to match',
  ],
  ['an unmasked CIDR', from({ nets: ['10.0.0.1/8'] }), 'nets[0]: 10.0.0.1/8 has host bits set'],
  [
    'a bare address',
    from({ nets: ['10.0.0.1'] }),
    'nets[0]: 10.0.0.1 is an address, not a CIDR (write 10.0.0.1/32)',
  ],
  ['a net that is none', from({ nets: ['ten'] }), 'nets[0]: "ten" is not a CIDR'],
  ['a net twice', from({ nets: ['10.0.0.0/8', '10.0.0.0/8'] }), 'nets[1]: "10.0.0.0/8" is listed twice'],
  ['a protocol in lower case', rule({ protocol: 'tcp' }), 'protocol: "tcp" is not ICMP, TCP'],
  ['protocol 0', rule({ protocol: 0 }), 'protocol: 0 is not'],
  ['notProtocol 256', rule({ notProtocol: 256 }), 'notProtocol: 256 is not'],
  [
    'numeric ports without a protocol',
    rule({ destination: { ports: [80] } }),
    'ports[0]: a port by number needs a protocol',
  ],
  [
    'ports of ICMP',
    rule({ protocol: 'ICMP', destination: { ports: ['http'] } }),
    'ports: need protocol TCP, UDP or SCTP',
  ],
  [
    'ports of UDPLite',
    rule({ protocol: 'UDPLite', destination: { notPorts: [80] } }),
    'notPorts: need protocol',
  ],
  ['port 0', rule({ protocol: 'TCP', destination: { ports: [0] } }), 'ports[0]: must be between 1 and 65535'],
  [
    'a range backwards',
    rule({ protocol: 'TCP', destination: { ports: ['9:8'] } }),
    'ports[0]: 9:8 runs backwards',
  ],
  [
    'a range too far',
    rule({ protocol: 'TCP', destination: { ports: ['9:65536'] } }),
    'ports[0]: must be between',
  ],
  [
    'no port at all',
    rule({ protocol: 'TCP', destination: { ports: ['a b'] } }),
    'ports[0]: "a b" is not a port',
  ],
  ['icmp without the protocol', rule({ icmp: { type: 8 } }), 'icmp: needs protocol ICMP or ICMPv6, by name'],
  [
    'icmp by number',
    rule({ protocol: 1, icmp: { type: 8 } }),
    'icmp: needs protocol ICMP or ICMPv6, by name',
  ],
  ['code without type', rule({ notICMP: { code: 0 } }), 'notICMP.code: needs a type'],
  ['type 255', rule({ protocol: 'ICMP', icmp: { type: 255 } }), 'icmp.type: must be 0 to 254'],
  ['code 256', rule({ protocol: 'ICMP', icmp: { type: 1, code: 256 } }), 'icmp.code: must be 0 to 255'],
  ['global() in a selector', from({ selector: 'global()' }), 'source.selector: global() may stand'],
  [
    'global() and more',
    from({ namespaceSelector: "global() || a == 'b'" }),
    'namespaceSelector: global() must stand alone',
  ],
  [
    'a rule selector that would broaden',
    from({ namespaceSelector: 'x' }),
    'source.namespaceSelector: selector "x"',
  ],
  [
    'service accounts unreadable',
    from({ serviceAccounts: { selector: 'x' } }),
    'serviceAccounts.selector: selector "x"',
  ],
  [
    'a service account twice',
    from({ serviceAccounts: { names: ['a', 'a'] } }),
    'names[1]: "a" is listed twice',
  ],
  ['services without a name', from({ services: { namespace: 'y' } }), 'services.name: is required'],
  [
    'services beside nets',
    from({ services: { name: 's' }, nets: ['10.0.0.0/8'] }),
    'source.nets: cannot stand beside services',
  ],
  [
    'services with ports at the destination',
    egressRule({ protocol: 'TCP', destination: { services: { name: 's' }, ports: [1] } }),
    'destination.ports: cannot stand beside services',
  ],
  [
    'services as egress source',
    egressRule({ source: { services: { name: 's' } } }),
    'cannot be the source of an egress rule',
  ],
  [
    'services as ingress destination',
    rule({ destination: { services: { name: 's' } } }),
    'cannot be the destination of an ingress rule',
  ],
  [
    'services of no namespace in a global policy',
    gnp({ ingress: [{ action: 'Allow', source: { services: { name: 's' } } }] }),
    'services.namespace: is required in a global policy',
  ],
  [
    'a set with its namespace label',
    set([], { 'projectcalico.org/namespace': 'x' }),
    'is set by Calico itself',
  ],
  ['a set with a broken net', set(['10.0.0.1/8']), 'spec.nets[0]: "10.0.0.1/8" is neither'],
  ['a set with a net twice', set(['10.0.0.0/8', '10.0.0.0/8']), 'spec.nets[1]: "10.0.0.0/8" is listed twice'],
  ['a host endpoint without a node', hep({ node: '' }), 'spec.node: is required'],
  [
    'a host endpoint of nothing',
    hep({ interfaceName: '' }),
    'spec: must have an interfaceName or expectedIPs',
  ],
  [
    'a host endpoint with a bad address',
    hep({ expectedIPs: ['x'] }),
    'spec.expectedIPs[0]: "x" is not an IP address',
  ],
  [
    'a host endpoint without spec',
    make('projectcalico.org/v3', 'HostEndpoint', { name: 'h' }),
    'spec: is required',
  ],
  [
    'a host port out of range',
    hep({ ports: [{ name: 'p', protocol: 'TCP', port: 0 }] }),
    'spec.ports[0].port: must be',
  ],
  ['an empty peer', peer({}), 'spec.ingress[0].from[0]: must have a podSelector'],
  [
    'ipBlock beside a selector',
    peer({ ...all, ipBlock: { cidr: '10.0.0.0/8' } }),
    'ipBlock: cannot stand beside a selector',
  ],
  [
    'an ipBlock that is none',
    peer({ ipBlock: { cidr: '10.0.0.1' } }),
    'ipBlock.cidr: "10.0.0.1" is not a CIDR',
  ],
  ['ipBlock without cidr', peer({ ipBlock: {} }), 'ipBlock.cidr: is required'],
  [
    'except outside',
    peer({ ipBlock: { cidr: '10.0.0.0/8', except: ['11.0.0.0/9'] } }),
    'except[0]: must be a strict part',
  ],
  [
    'except all of it',
    peer({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/8'] } }),
    'must be a strict part',
  ],
  [
    'except of no form',
    peer({ ipBlock: { cidr: '10.0.0.0/8', except: ['x'] } }),
    'except[0]: "x" is not a CIDR',
  ],
  [
    'to in an ingress rule',
    knp({ ingress: [{ to: [] }] }),
    'spec.ingress[0].to: unknown field (known here: from, ports)',
  ],
  [
    'a port number in quotes',
    portEntry({ port: '80' }),
    'port: "80" is no port name (15 characters of a-z, 0-9, -) (write 80',
  ],
  ['a long port name', portEntry({ port: 'a'.repeat(16) }), 'is no port name'],
  ['port 65536', portEntry({ port: 65536 }), 'port: must be between 1 and 65535'],
  ['endPort without port', portEntry({ endPort: 80 }), 'endPort: needs a numeric port'],
  ['endPort with a name', portEntry({ port: 'http', endPort: 80 }), 'endPort: needs a numeric port'],
  ['endPort below port', portEntry({ port: 80, endPort: 79 }), 'endPort: must be between 80 and 65535'],
  [
    'protocol ICMP in Kubernetes',
    portEntry({ protocol: 'ICMP' }),
    'protocol: "ICMP" is not one of TCP, UDP, SCTP',
  ],
  ['three policyTypes', knp({ policyTypes: ['Ingress', 'Egress', 'Egress'] }), 'must have at most 2 items'],
  ['In without values', knp({ podSelector: expression('In') }), 'values: In needs at least one value'],
  ['Exists with values', knp({ podSelector: expression('Exists', ['a']) }), 'values: Exists takes no values'],
  ['a bad label key', knp({ podSelector: { matchLabels: { 'a/b/c': 'd' } } }), '"a/b/c" is not a label key'],
  ['a bad label value', knp({ podSelector: { matchLabels: { a: '-' } } }), '"-" is not a label value'],
  [
    'a bad value in a list',
    knp({ podSelector: expression('In', ['a b']) }),
    'values[0]: "a b" is not a label value',
  ],
  ['priority 1001', cnp({ priority: 1001 }), 'spec.priority: must be between 0 and 1000'],
  ['no priority', cnp({ priority: undefined }), 'spec.priority: is required'],
  [
    'two subjects',
    cnp({ subject: { namespaces: {}, pods: podsOf({}) } }),
    'spec.subject: must have exactly one field',
  ],
  ['no subject', cnp({ subject: {} }), 'spec.subject: must have exactly one field, not none'],
  ['no peers', clusterRule({ to: [] }), 'to: must have at least one item'],
  [
    '26 rules',
    cnp({ ingress: Array.from({ length: 26 }, acceptAll) }),
    'spec.ingress: must have at most 25 items',
  ],
  [
    'a node peer of the experimental channel',
    clusterRule({ to: [{ nodes: {} }] }),
    'to[0].nodes: unknown field',
  ],
  ['Allow instead of Accept', clusterRule({ action: 'Allow' }), '"Allow" is not one of Accept, Deny, Pass'],
  [
    'networks with host bits',
    clusterRule({ to: [{ networks: ['10.0.0.1/8'] }] }),
    '10.0.0.1/8 has host bits set',
  ],
  ['networks of no form', clusterRule({ to: [{ networks: ['x'] }] }), '"x" is not a CIDR'],
  [
    'networks on ingress',
    cnp({ ingress: [{ action: 'Deny', from: [{ networks: ['10.0.0.0/8'] }] }] }),
    'networks: unknown',
  ],
  [
    'two protocols in one',
    clusterRule({ protocols: [{ tcp: {}, udp: {} }] }),
    'protocols[0]: must have exactly one field',
  ],
  ['a range of one', clusterRule({ protocols: [tcpRange(80, 80)] }), 'range: start must be less than end'],
  [
    'a range too far',
    clusterRule({ protocols: [tcpRange(80, 70000)] }),
    'range.end: must be between 1 and 65535',
  ],
  ['a long rule name', clusterRule({ name: 'a'.repeat(101) }), 'name: has at most 100 characters'],
  [
    'a bad named port',
    clusterRule({ protocols: [{ destinationNamedPort: '80' }] }),
    'destinationNamedPort: "80" is no',
  ],
]

describe('refused:', () => {
  test.each(refused)('%s', (_, object, expected) => {
    expect(problemsOf(object)).toContainEqual(expect.stringContaining(expected))
  })
})

const admitted: [string, KubernetesObject][] = [
  [
    'a positive and a negative form together',
    from({ selector: 'has(a)', notSelector: 'has(b)', nets: ['10.0.0.0/8'] }),
  ],
  ['notICMP without a protocol', rule({ notICMP: { type: 8 } })],
  ['protocol with notProtocol', rule({ protocol: 'TCP', notProtocol: 'UDP' })],
  ['named ports without a protocol', rule({ destination: { ports: ['http'] } })],
  ['ports by a protocol number', rule({ protocol: 6, destination: { ports: [80, '90:99', '100'] } })],
  ['ICMP by number with nothing else', rule({ protocol: 58 })],
  ['an empty icmp', rule({ protocol: 'ICMP', icmp: {} })],
  ['global() alone in a namespaceSelector', from({ namespaceSelector: 'global()' })],
  ['notNets twice', from({ notNets: ['10.0.0.0/8', '10.0.0.0/8'] })],
  ['the dots that Calico itself puts into names', np({}, 'knp.default.web')],
  ['ingress services with ports', from({ services: { name: 's' }, ports: [1] }, { protocol: 'TCP' })],
  ['a set of addresses and blocks', set(['192.0.2.1', '10.0.0.0/8', 'fd00::/8'])],
  ['built-in tiers as they are', tier('default', { order: 1_000_000, defaultAction: 'Deny' })],
  ['a Kubernetes policy without a podSelector', knp({ podSelector: undefined })],
  ['an empty rule', knp({ ingress: [{}], egress: [{}] })],
  ['empty strings', np({ selector: '', serviceAccountSelector: '', tier: '' })],
  [
    'a cluster policy',
    clusterRule({ protocols: [tcpRange(80, 90), { udp: {} }, { destinationNamedPort: 'http' }] }),
  ],
  ['rule metadata', rule({ metadata: { annotations: { why: 'because' } } })],
]

describe('admitted:', () => {
  test.each(admitted)('%s', (_, object) => {
    expect(problemsOf(object)).toEqual([])
  })
})

test('every problem is told at once', () => {
  const object = np({
    selector: '=',
    order: 'x',
    ingress: [{ action: 'Alow', source: { nets: ['1'] } }],
    foo: 1,
  })
  expect(admit(object).problems.map(({ path }) => path.join('.'))).toEqual([
    'spec.order',
    'spec.ingress.0.action',
    'spec.foo',
    'spec.selector',
    'spec.ingress.0.source.nets.0',
  ])
})

test('an object of another kind passes as it is', () => {
  const object = make('v1', 'ConfigMap', { name: 'c' }, { data: {} })
  expect(isPolicyKind(object)).toBe(false)
  expect(admit(object)).toEqual({ object, problems: [] })
})

test('garbage is told, not thrown', () => {
  for (const spec of [
    null,
    1,
    [],
    'x',
    { ingress: [null, 1, { from: 1 }] },
    { ingress: 5, egress: 'x', types: 1 },
  ])
    for (const make of [np, knp, gnp, cnp] as ((spec: never) => KubernetesObject)[])
      expect(() => admit({ ...make({} as never), spec })).not.toThrow()
})

function expression(operator: string, values?: string[]) {
  return { matchExpressions: [{ key: 'a', operator, values }] }
}

function podsOf(namespaceSelector: object) {
  return { namespaceSelector, podSelector: {} }
}

function acceptAll() {
  return { action: 'Accept', from: [{ namespaces: {} }] }
}

function tcpRange(start: number, end: number) {
  return { tcp: { destinationPort: { range: { start, end } } } }
}
