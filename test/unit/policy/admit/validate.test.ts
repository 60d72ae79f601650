import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { pathText } from '../../../../src/policy/admit/problem.ts'
import { admit, formatProblem, isPolicyKind } from '../../../../src/policy/index.ts'
import { expectGolden } from '../../../support/golden.ts'
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

/** Told in full by a golden file; on either side of what is admitted below. */
const beyond: [string, KubernetesObject][] = [
  ['a name of 254 characters', tier('a'.repeat(254))],
  ['a name that ends with a dot', np({}, 'a.')],
  ['a namespace of 64 characters', np({}, 'n', 'a'.repeat(64))],
  ['a namespace in capitals', np({}, 'n', 'X')],
  ['two dots after a prefix of Calico', np({}, 'knp.default.a.b.c')],
  ['a prefix of Calico on a global policy', gnp({}, 'knp.default.web')],
  ['a prefix of Calico further on', np({}, 'my-knp.default.web')],
  [
    'names that are no texts',
    make('projectcalico.org/v3', 'NetworkPolicy', { name: 5, namespace: true } as never),
  ],
  [
    'labels that are no texts',
    make('projectcalico.org/v3', 'Tier', { name: 't', labels: { a: 1 }, annotations: [] } as never),
  ],
  ['unknown metadata', make('projectcalico.org/v3', 'Tier', { name: 't', label: {} } as never)],
  [
    'a cluster policy without spec',
    make('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', { name: 'c' }),
  ],
  [
    'a cluster policy with nothing in its spec',
    cnp({ tier: undefined, priority: undefined, subject: undefined }),
  ],
  ['a cluster rule with nothing', cnp({ ingress: [{}], egress: [{ action: 'Deny' }] })],
  ['a cluster subject with half of its pods', cnp({ subject: { pods: { podSelector: {} } } })],
  ['half a range', clusterRule({ protocols: [{ tcp: { destinationPort: { range: { start: 1 } } } }] })],
  ['a service account selector that cannot be read', np({ serviceAccountSelector: 'x' })],
  [
    'a service account selector of hosts',
    gnp({ serviceAccountSelector: 'global()', namespaceSelector: 'global()' }),
  ],
  ['half a host port', hep({ ports: [{ port: 1 }] })],
  [
    'a host endpoint with everything twice',
    hep({ expectedIPs: ['10.0.0.1', '10.0.0.1'], profiles: ['a', 'a'] }),
  ],
  [
    'hints twice, and of no meaning',
    np({ performanceHints: ['AssumeNeededOnEveryNode', 'AssumeNeededOnEveryNode', 'Hurry'] }),
  ],
  ['a staged action of no meaning', calico('StagedNetworkPolicy', { name: 's' }, { stagedAction: 'Remove' })],
  [
    'types twice of a staged Kubernetes policy',
    calico('StagedKubernetesNetworkPolicy', { name: 's' }, { policyTypes: ['Egress', 'Egress'] }),
  ],
  ['rule annotations that are no texts', rule({ metadata: { annotations: { a: 1 }, labels: {} } })],
  ['methods and paths of no form', rule({ http: { methods: 'GET', paths: [{ exact: 1, suffix: 'x' }] } })],
  ['icmp of no form', rule({ protocol: 'ICMP', icmp: { type: '8', kind: 1 } })],
  ['services of no form', egressRule({ destination: { services: { name: 5, port: 1 } } })],
  [
    'a peer of no form',
    from({ nets: '10.0.0.0/8', notNets: [1], ports: 80, notPorts: [true], serviceAccounts: [] }),
  ],
  [
    'an expression of no form',
    knp({ podSelector: { matchExpressions: [{ key: 1, operator: 'Is', values: 'a', more: 1 }] } }),
  ],
  ['types that are numbers', np({ types: [1] })],
  ['a fixed order and action', tier('kube-baseline', { order: 1, defaultAction: 'Deny' })],
  ['an integer that is none', knp({ ingress: [{ ports: [{ port: 1.5 }] }] })],
  ['a boolean that is none', gnp({ doNotTrack: 'yes' })],
  ['a number that is none', np({ order: Number.NaN })],
  ['null in a list', np({ ingress: [null] })],
  ['a text for an object', knp({ podSelector: 'x' })],
  ['a list for an object', knp({ podSelector: [] })],
  ['an object for a text', np({ selector: {} })],
  ['an unknown field like no other', np({ zzzzzzzzzz: 1 })],
  ['a field that every object inherits', np({ toString: 1 })],
  ['a choice like no other', np({ types: ['zzzzzzz'] })],
  ['preDNAT without applyOnForward', gnp({ preDNAT: true })],
  [
    'a selector beside nothing of the rule',
    rule({ source: { notSelector: 'x' }, destination: { selector: 'y' } }),
  ],
  ['global() in a notSelector', from({ notSelector: '!global()' })],
  ['global() in serviceAccounts', from({ serviceAccounts: { selector: 'global()' } })],
  ['ICMP against ipVersion 4', rule({ ipVersion: 4, protocol: 'ICMPv6' })],
  ['ICMPv6 against CIDRs', rule({ protocol: 'ICMPv6', destination: { notNets: ['10.0.0.0/8'] } })],
  [
    'CIDRs of two families on two sides',
    rule({ source: { nets: ['10.0.0.0/8'] }, destination: { notNets: ['fd00::/8'] } }),
  ],
  ['ipVersion 4 against notNets', rule({ ipVersion: 4, source: { notNets: ['fd00::/8'] } })],
  ['an IPv6 address', from({ nets: ['fd00::1'] })],
  ['a notNet that is none', from({ notNets: ['x'] })],
  ['type -1', rule({ protocol: 'ICMP', icmp: { type: -1, code: -1 } })],
  ['code without type of icmp', rule({ protocol: 'ICMPv6', icmp: { code: 1 } })],
  ['protocol 256', rule({ protocol: 256 })],
  ['protocol 1.5', rule({ protocol: '1.5' })],
  ['an empty protocol', rule({ protocol: '' })],
  ['a misspelt protocol', rule({ notProtocol: 'TPC' })],
  ['a range without a protocol', rule({ destination: { ports: ['80:90'] } })],
  [
    'port 65536 of Calico',
    rule({ protocol: 'TCP', destination: { ports: [65536, '0:1'], notPorts: ['70000'] } }),
  ],
  ['source ports of GRE', rule({ protocol: 47, source: { ports: [1] } })],
  ['http over a number', rule({ protocol: 17, http: {} })],
  ['an http path of both forms', rule({ http: { paths: [{ exact: '/' }, { exact: '/', prefix: '/' }] } })],
  [
    'everything beside services',
    from({
      services: { name: 's' },
      selector: 'all()',
      notSelector: 'all()',
      namespaceSelector: 'all()',
      serviceAccounts: {},
      nets: ['10.0.0.0/8'],
      notNets: ['11.0.0.0/8'],
    }),
  ],
  [
    'notPorts beside services',
    egressRule({ protocol: 'TCP', destination: { services: { name: 's' }, notPorts: [1] } }),
  ],
  ['services without anything', gnp({ egress: [{ action: 'Allow', destination: { services: {} } }] })],
  ['a host endpoint with port 65536', hep({ ports: [{ name: 'p', protocol: 'TCP', port: 65536 }] })],
  ['a host endpoint without anything', hep({ node: undefined, interfaceName: undefined })],
  ['a port name without letters', portEntry({ port: '8-8' })],
  ['a port name with two dashes', portEntry({ port: 'a--b' })],
  ['a port name that ends with a dash', portEntry({ port: 'a-' })],
  ['port 0 of Kubernetes', portEntry({ port: 0 })],
  ['endPort 65536', portEntry({ port: 80, endPort: 65536 })],
  ['namespaces and blocks', peer({ namespaceSelector: {}, ipBlock: { cidr: 'x', except: ['10.0.0.0/9'] } })],
  [
    'a selector of peers',
    knp({ egress: [{ to: [{ namespaceSelector: expression('In') }], ports: [{ port: 'A' }] }] }),
  ],
  ['a label key of 64 characters', knp({ podSelector: { matchLabels: { ['a'.repeat(64)]: 'b' } } })],
  [
    'a label prefix of 254 characters',
    knp({ podSelector: { matchLabels: { [`${'a'.repeat(254)}/a`]: 'b' } } }),
  ],
  [
    'an empty label prefix',
    knp({ podSelector: { matchLabels: { '/a': 'b', 'a/': 'b', 'A/a': 'b', 'a b': 'c' } } }),
  ],
  [
    'a label value of 64 characters',
    knp({ podSelector: { matchLabels: { a: 'b'.repeat(64), c: 'd-', e: '-f' } } }),
  ],
  ['NotIn without values', knp({ podSelector: expression('NotIn', []) })],
  ['DoesNotExist with values', knp({ podSelector: expression('DoesNotExist', ['a', '-']) })],
  [
    'an expression of a bad key',
    knp({ podSelector: { matchExpressions: [{ key: '-', operator: 'Exists' }] } }),
  ],
  ['an expression without an operator', knp({ podSelector: { matchExpressions: [{ values: ['a'] }] } })],
  ['priority -1', cnp({ priority: -1 })],
  [
    'a subject of bad selectors',
    cnp({ subject: { pods: { namespaceSelector: expression('In'), podSelector: expression('NotIn') } } }),
  ],
  ['a subject of bad namespaces', cnp({ subject: { namespaces: expression('Exists', ['a']) } })],
  ['an ingress peer of nothing', cnp({ ingress: [{ action: 'Pass', from: [{}], protocols: [{}] }] })],
  [
    'ports of every protocol',
    clusterRule({ protocols: [{ udp: port(0) }, { sctp: port(65536) }, { tcp: port(undefined) }] }),
  ],
  [
    'a range from 0',
    clusterRule({
      protocols: [tcpRange(0, 1), { tcp: { destinationPort: { number: 1, range: { start: 2, end: 3 } } } }],
    }),
  ],
]

describe('refused:', () => {
  test.each(refused)('%s', (_, object, expected) => {
    expect(problemsOf(object)).toContainEqual(expect.stringContaining(expected))
  })

  test('everything that is said, of all of these', () => {
    const told = [...refused, ...beyond].map(([title, object]) => [title, ...problemsOf(object)].join('\n  '))
    expectGolden('policy/refused.txt', `${told.join('\n')}\n`)
  })
})

describe('the experimental peers of a cluster policy are known if so wanted', () => {
  const told = (object: KubernetesObject) => admit(object, { experimental: true }).problems.map(formatProblem)

  test('nodes, and domain names that are accepted', () => {
    const to = [{ nodes: { matchLabels: { a: 'b' } } }, { domainNames: ['example.org'] }]
    expect(told(clusterRule({ action: 'Accept', to }))).toEqual([])
  })

  test('domain names that are not accepted', () => {
    expect(told(clusterRule({ action: 'Deny', to: [{ domainNames: ['example.org'] }] }))).toEqual([
      'spec.egress[0].to[0].domainNames: domain names can be accepted only',
    ])
  })

  test('other kinds are the same', () => {
    expect(told(np({ nodes: {} }))).toEqual(problemsOf(np({ nodes: {} })))
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
    clusterRule({
      protocols: [
        tcpRange(80, 90),
        { udp: { destinationPort: { number: 53 } } },
        { destinationNamedPort: 'http' },
      ],
    }),
  ],
  ['a name of 253 characters', tier('a'.repeat(253))],
  ['a generated name', make('projectcalico.org/v3', 'Tier', { generateName: 't-' } as never)],
  ['one dot in a policy name', np({}, 'a.b')],
  ['dots in the name of another kind', knp({}, 'a.b.c.d')],
  ['dots in a set', calico('GlobalNetworkSet', { name: 'a.b.c.d' }, { nets: [] })],
  ['a namespace of 63 characters', np({}, 'n', 'a'.repeat(63))],
  ['the names that OpenStack gives', np({}, 'ossg.default.web')],
  ['an order with a fraction', np({ order: 0.5 })],
  ['host flags that agree', gnp({ preDNAT: true, applyOnForward: true, types: ['Ingress'], egress: [] })],
  ['host flags that are off', gnp({ preDNAT: false, doNotTrack: false, applyOnForward: false })],
  [
    'a staged deletion in a tier',
    calico('StagedNetworkPolicy', { name: 's' }, { stagedAction: 'Delete', tier: 't' }),
  ],
  [
    'a staged Kubernetes deletion',
    calico('StagedKubernetesNetworkPolicy', { name: 's' }, { stagedAction: 'Delete' }),
  ],
  ['protocols 1 and 255', rule({ protocol: 1, notProtocol: '255' })],
  [
    'the ends of ICMP',
    rule({ protocol: 'ICMPv6', icmp: { type: 0, code: 0 }, notICMP: { type: 254, code: 255 } }),
  ],
  ['ICMP of its own family', rule({ protocol: 'ICMP', ipVersion: 4, source: { nets: ['10.0.0.0/8'] } })],
  ['ICMPv6 of its own family', rule({ protocol: 'ICMPv6', ipVersion: 6, source: { nets: ['fd00::/8'] } })],
  ['ipVersion with blocks of its family', rule({ ipVersion: 6, source: { nets: ['fd00::/8'] } })],
  ['nets of everything', from({ nets: ['0.0.0.0/0'] })],
  [
    'the first and the last port',
    rule({ protocol: 'UDP', destination: { ports: [1, '1:65535', '7:7', 65535] } }),
  ],
  [
    'port names of Calico',
    rule({ source: { ports: ['A_b.c-9'] }, destination: { notPorts: ['a'.repeat(128)] } }),
  ],
  ['ports of SCTP by number', rule({ protocol: '132', destination: { ports: [1] } })],
  ['empty lists of ports', rule({ protocol: 'ICMP', source: { ports: [] }, destination: { notPorts: [] } })],
  [
    'http',
    rule({ protocol: '6', http: { methods: ['GET', 'PUT'], paths: [{ exact: '/a' }, { prefix: '/b' }] } }),
  ],
  ['http by name', rule({ protocol: 'TCP', http: {} })],
  ['services beside empty lists', from({ services: { name: 's' }, nets: [], notNets: [], selector: '' })],
  [
    'services of a global policy',
    gnp({ egress: [{ action: 'Allow', destination: { services: { name: 's', namespace: 'y' } } }] }),
  ],
  ['a host endpoint of addresses', hep({ interfaceName: undefined, expectedIPs: ['10.0.0.1', 'fd00::1'] })],
  [
    'a host endpoint with ports',
    hep({ ports: [1, 65535].map((number) => ({ name: 'p', protocol: 'TCP', port: number })) }),
  ],
  [
    'the ends of Kubernetes ports',
    knp({
      ingress: [
        {
          ports: [
            { port: 1, endPort: 1 },
            { port: 65535, endPort: 65535 },
          ],
        },
      ],
    }),
  ],
  ['a port name of 15 characters', portEntry({ port: `a${'-1'.repeat(7)}` })],
  ['a port name of one letter', portEntry({ port: 'a' })],
  [
    'a block with a strict part',
    peer({ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.0.0/9', '10.1.2.3/32'] } }),
  ],
  ['both selectors in one peer', peer({ podSelector: {}, namespaceSelector: {} })],
  [
    'labels as long as they may be',
    knp({
      podSelector: {
        matchLabels: { [`${'a'.repeat(253)}/${'B_.-9'.repeat(12)}bcd`]: 'c'.repeat(63), d: '', e: 'F_.g' },
      },
    }),
  ],
  ['values where the operator takes them', knp({ podSelector: expression('NotIn', ['a', '']) })],
  ['no values where it takes none', knp({ podSelector: expression('DoesNotExist', []) })],
  ['a block with host bits', clusterRule({ to: [{ networks: ['10.0.0.1/8'] }] })],
  ['pods of every namespace', cnp({ subject: { pods: { podSelector: {} } } })],
  ['priorities 0', cnp({ priority: 0 })],
  ['priority 1000', cnp({ priority: 1000 })],
  ['a rule name of 100 characters', clusterRule({ name: 'a'.repeat(100) })],
  [
    '25 networks',
    clusterRule({ to: [{ networks: Array.from({ length: 25 }, (_, index) => `10.${index}.0.0/16`) }] }),
  ],
  [
    'the ends of cluster ports',
    clusterRule({ protocols: [tcpRange(1, 65535), { udp: port(1) }, { sctp: port(65535) }] }),
  ],
  ['a subject of pods', cnp({ subject: { pods: podsOf({ matchLabels: { a: 'b' } }) } })],
  [
    'peers of both forms',
    cnp({ ingress: [{ action: 'Accept', from: [{ namespaces: {} }, { pods: podsOf({}) }] }] }),
  ],
  [
    'all metadata that a server may add',
    make('projectcalico.org/v3', 'Tier', {
      name: 't',
      uid: '1',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: 'now',
      deletionTimestamp: 'now',
      deletionGracePeriodSeconds: 1,
      ownerReferences: [],
      finalizers: [],
      managedFields: [],
      selfLink: '/',
      labels: { a: 'b' },
      annotations: { a: 'b' },
    } as never),
  ],
  ['a status', { ...knp({}), status: { conditions: [] } }],
  ['hints', np({ performanceHints: ['AssumeNeededOnEveryNode'] })],
  ['every staged action', calico('StagedNetworkPolicy', { name: 's' }, { stagedAction: 'Learn' })],
  [
    'a staged action that is ignored',
    calico('StagedKubernetesNetworkPolicy', { name: 's' }, { stagedAction: 'Ignore' }),
  ],
  ['profiles of a host endpoint', hep({ profiles: ['a', 'b'] })],
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

describe('all that is said, and no more', () => {
  test.each<[string, KubernetesObject, string[]]>([
    [
      'a namespace on a global kind',
      { ...gnp({}), metadata: { name: 'g', namespace: 'Bad_' } },
      ['metadata.namespace'],
    ],
    [
      'a rule without action',
      np({ ingress: [{ protocol: 'TCP', http: { methods: ['GET'] } }] }),
      ['spec.ingress[0].action'],
    ],
    [
      'families that are mixed',
      from({ nets: ['fd00::/8'], notNets: ['10.0.0.0/8'] }, { protocol: 'ICMP' }),
      ['spec.ingress[0]'],
    ],
    [
      'a block that cannot be read',
      from({ nets: ['x', '10.0.0.0/8'] }, { ipVersion: 4 }),
      ['spec.ingress[0].source.nets[0]'],
    ],
    ['a name of a port that begins with digits', rule({ destination: { ports: ['80x'] } }), []],
    ['a protocol without a text', rule({ protocol: '' }), ['spec.ingress[0].protocol']],
    [
      'a cluster policy with nothing',
      make('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', { name: 'c' }, { spec: {} }),
      ['spec.tier', 'spec.priority', 'spec.subject'],
    ],
    ['a field that is null', cnp({ tier: null }), ['spec.tier']],
    [
      'a cluster rule with nothing',
      cnp({ ingress: [{}], egress: [{}] }),
      ['ingress[0].action', 'ingress[0].from', 'egress[0].action', 'egress[0].to'].map(
        (path) => `spec.${path}`,
      ),
    ],
    [
      'a network twice',
      cnp({ egress: [{ action: 'Deny', to: [{ networks: ['10.0.0.0/8', '10.0.0.0/8'] }] }] }),
      ['spec.egress[0].to[0].networks[1]'],
    ],
    [
      'a label of a peer',
      peer({ podSelector: { matchLabels: { a: '-' } } }),
      ['spec.ingress[0].from[0].podSelector.matchLabels.a'],
    ],
    ['a deletion of what is not staged', np({ stagedAction: 'Delete' }), ['spec.stagedAction']],
    [
      'the same of Kubernetes',
      knp({ stagedAction: 'Delete', ingress: [{ from: [{}] }] }),
      ['spec.stagedAction', 'spec.ingress[0].from[0]'],
    ],
  ])('%s', (_, object, paths) => {
    for (const experimental of [false, true])
      expect(admit(object, { experimental }).problems.map(({ path }) => pathText(path))).toEqual(paths)
  })
})

test('a range that is out of bounds, however it runs', () => {
  const at = 'spec.ingress[0].destination.ports[0]: must be between 1 and 65535'
  expect(problemsOf(rule({ protocol: 'TCP', destination: { ports: ['70000:80'] } }))).toEqual([at])
})

test('what is refused leaves nothing behind', () => {
  const { object, problems } = admit(np({ order: 'x', selector: null }))
  expect(object.spec).toStrictEqual({ tier: 'default', types: ['Ingress'] })
  expect(problems).toStrictEqual([{ path: ['spec', 'order'], message: 'must be a number, not "x"' }])
  const { metadata } = admit(
    make('projectcalico.org/v3', 'Tier', { name: 't', labels: { a: 1, b: '2' } as never }),
  ).object
  expect(metadata).toStrictEqual({ name: 't', labels: { b: '2' } })
})

test('an object without metadata has no name; one of a cluster has no namespace', () => {
  const { object, problems } = admit({ apiVersion: 'projectcalico.org/v3', kind: 'Tier' } as never)
  expect(object.metadata).toEqual({ name: '' })
  expect(problems.map(formatProblem)).toEqual(['metadata: is required', 'metadata.name: is required'])
  for (const experimental of [false, true])
    expect(admit(cnp({}), { experimental }).object.metadata).toEqual({ name: 'c' })
})

test.each([false, true])('empty lists of a cluster policy are told, experimental: %s', (experimental) => {
  const ingress = [{ action: 'Deny', from: [] }]
  const egress = [{ action: 'Deny', to: [{ networks: [] }], protocols: [] }]
  expect(admit(cnp({ ingress, egress }), { experimental }).problems.map(formatProblem)).toEqual(
    ['ingress[0].from', 'egress[0].to[0].networks', 'egress[0].protocols'].map(
      (path) => `spec.${path}: must have at least one item`,
    ),
  )
})

test('a deletion of what is not staged takes no default away', () => {
  expect(admit(knp({ stagedAction: 'Delete' })).object.spec.policyTypes).toEqual(['Ingress'])
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

function port(number: number | undefined) {
  return { destinationPort: number === undefined ? {} : { number } }
}

function tcpRange(start: number, end: number) {
  return { tcp: { destinationPort: { range: { start, end } } } }
}
