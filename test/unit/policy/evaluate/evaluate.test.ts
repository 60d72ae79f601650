import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { podWalk, questionOf, walkPod } from '../../../../src/policy/evaluate/index.ts'
import { buildModel, evaluate } from '../../../../src/policy/index.ts'
import {
  ask,
  calico,
  cnp,
  flow,
  gnp,
  inNamespace,
  knp,
  make,
  np,
  pod,
  slice,
  smallCluster,
  tier,
} from '../small-cluster.ts'

const onA = { selector: "app == 'a'" }
const passB = { action: 'Pass', source: { selector: "app == 'b'" } }

describe('which sides are asked', () => {
  test.each([
    ['x/a -> x/b TCP/80', true, true],
    ['x/a -> y/c TCP/80', true, true],
    ['x/a -> outside TCP/80', true, false],
    ['outside -> x/a TCP/80', false, true],
    ['x/h -> x/a TCP/80', false, false],
    ['n1 -> x/a TCP/80', false, false],
    ['x/h2 -> x/a TCP/80', false, true],
    ['n2 -> x/a TCP/80', false, true],
    ['x/a -> n1 TCP/80', true, false],
    ['x/a -> x/h2 TCP/80', true, false],
    ['x/a -> x/a TCP/80', false, false],
    ['x/a -> x/a TCP/80 via service', true, true],
    ['outside -> n1 TCP/80', false, false],
    ['10.0.1.1 -> 10.0.2.1 TCP/80', true, true],
  ])('%s: egress %s, ingress %s', (text, egress, ingress) => {
    const verdict = ask([], text)
    expect(verdict.verdict).toBe('allowed')
    expect([verdict.egress !== null, verdict.ingress !== null]).toEqual([egress, ingress])
  })
})

describe('the reason is one sentence', () => {
  test.each([
    [[], 'x/a -> x/b TCP/80', 'egress of x/a: no policy governs it; ingress of x/b: no policy governs it'],
    [
      [np({ types: ['Ingress', 'Egress'] }, 'default-deny')],
      'x/a -> y/c TCP/80',
      'egress of x/a: end of tier default (isolated by NetworkPolicy x/default-deny)',
    ],
    [
      [knp({ ingress: [] })],
      'x/b -> x/a TCP/80',
      'ingress of x/a: end of tier default (isolated by Kubernetes NetworkPolicy x/k)',
    ],
    [
      [np({ ...onA, ingress: [{ action: 'Log' }, { action: 'Deny' }] })],
      'x/b -> x/a TCP/80',
      'ingress of x/a: rule 1 (deny) of NetworkPolicy x/n',
    ],
    [
      [cnp({ ingress: [{ action: 'Deny', from: [{ namespaces: inNamespace('y') }] }] })],
      'y/c -> x/a TCP/80',
      'ingress of x/a: rule 0 (deny) of ClusterNetworkPolicy c in tier kube-admin',
    ],
    [
      [np({ ...onA, ingress: [passB] })],
      'x/b -> x/a TCP/80',
      'egress of x/b: no policy governs it; ingress of x/a: every tier passed it on, so it is allowed',
    ],
    [[], 'x/h -> x/a TCP/80', 'a node always reaches its own pods: n1 runs x/a'],
    [[], 'x/a -> x/a TCP/80', 'x/a talks to its own address: the traffic never leaves its network namespace'],
    [[], 'x/a -> x/b UDP/4789', 'egress of x/a: VXLAN from a pod is dropped before any policy'],
    [[], 'outside -> n1 TCP/80', 'no pod is at either end, and no HostEndpoint on the way that could deny'],
  ])('%j %s', (policies, text, reason) => {
    expect(ask(policies, text).reason).toBe(reason)
  })

  test('nobody is asked: says why', () => {
    expect(ask([], 'x/h -> x/h TCP/80').reason).toBe(
      'x/h talks to its own address: the traffic never leaves its network namespace',
    )
    expect(ask([], 'outside -> n1 TCP/80').reason).toBe(
      'no pod is at either end, and no HostEndpoint on the way that could deny',
    )
  })

  test('a drop on the way to the own node names its setting', () => {
    expect(ask([], 'x/a -> n1 TCP/80', { endpointToHost: 'drop' }).reason).toBe(
      'traffic from a pod to its own node is dropped (DefaultEndpointToHostAction)',
    )
  })
})

describe('a question', () => {
  const of = (text: string, ...objects: KubernetesObject[]) =>
    questionOf(buildModel([...smallCluster(), ...objects]), flow(text), false)

  test('asks nobody about what no policy sees', () => {
    expect(of('x/a -> x/a TCP/80')).toMatchObject({ guarded: null, egress: [], ingress: [] })
  })

  test('has the pod among those that it asks, whose answer is its policies', () => {
    const hep = calico(
      'HostEndpoint',
      { name: 'h', labels: { host: 'yes' } },
      { node: 'n1', interfaceName: 'eth0' },
    )
    const closed = gnp({ selector: 'has(host)', applyOnForward: true, ingress: [{ action: 'Deny' }] })
    const { ingress, egress } = of('outside -> x/a TCP/80', hep, closed, np(onA))
    expect(ingress.flat().map(({ stage }) => stage)).toEqual(['untracked', 'pre-dnat', 'forward', 'pod'])
    const walk = podWalk(ingress)!
    expect(walk.endpoint.id).toBe('x/a')
    expect(walkPod(walk)).toMatchObject({ verdict: 'denied', decidedBy: { name: 'n' } })
    expect(podWalk(egress)).toBeNull()
  })
})

describe('the trace', () => {
  test('has one deciding hit per tier, then the profile', () => {
    const policies = [
      tier('t', { order: 1, defaultAction: 'Pass' }),
      np({ ...onA, tier: 't', ingress: [{ action: 'Log' }, { action: 'Deny', protocol: 'UDP' }] }, 'one'),
      np({ ...onA, ingress: [{ action: 'Allow', protocol: 'UDP' }, passB] }, 'two'),
    ]
    const { trace, decidedBy } = ask(policies, 'x/b -> x/a TCP/80').ingress!
    expect(
      trace.map(({ index, tier, name, action, rule, ruleIndex }) => [
        index,
        tier,
        name,
        action,
        rule,
        ruleIndex,
      ]),
    ).toEqual([
      [0, 't', 'one', 'pass', null, -1],
      [1, 'default', 'two', 'pass', 1, 1],
      [2, '__PROFILE__', 'kns.x', 'allow', 0, 0],
    ])
    expect(decidedBy).toMatchObject({ kind: 'Profile', name: 'kns.x', tier: '__PROFILE__', rule: 0 })
  })

  test('says of the profile which it is, and of a guard nothing', () => {
    const kind = { apiVersion: 'projectcalico.org/v3', kind: 'Profile', namespace: null }
    const decidedBy = { ...kind, name: 'kns.y', tier: '__PROFILE__', rule: 0 }
    const side = { verdict: 'allowed', endpoint: 'y/c', stage: 'pod', direction: 'ingress', decidedBy }
    const hit = { ...decidedBy, direction: 'ingress', index: 0, action: 'allow', ruleIndex: 0, staged: false }
    expect(ask([], 'x/a -> y/c TCP/80').ingress).toEqual({ ...side, trace: [hit] })
    expect(ask([], 'x/a -> y/c UDP/4789').egress).toEqual({
      verdict: 'denied',
      endpoint: 'x/a',
      stage: 'pod',
      direction: 'egress',
      decidedBy: {
        apiVersion: '',
        kind: 'Guard',
        namespace: null,
        name: 'VXLAN from a pod',
        tier: '',
        rule: null,
      },
      trace: [],
    })
  })

  test('counts rules as the author does and as Calico does', () => {
    const policy = knp({
      ingress: [
        { ports: [{ port: 1, protocol: 'UDP' }, { port: 1 }] },
        {
          from: [
            { podSelector: { matchLabels: { app: 'z' } } },
            { podSelector: { matchLabels: { app: 'b' } } },
          ],
        },
      ],
    })
    expect(ask([policy], 'x/b -> x/a TCP/80').ingress!.trace).toMatchObject([
      { kind: 'NetworkPolicy', apiVersion: 'networking.k8s.io/v1', rule: 1, ruleIndex: 3, action: 'allow' },
    ])
  })

  test('blames the last enforced policy for the end of a tier', () => {
    const policies = [np({ ...onA, order: 1 }, 'p1'), np({ ...onA, order: 2 }, 'p2')]
    const staged = calico('StagedNetworkPolicy', { name: 'p3', namespace: 'x' }, { ...onA, order: 3 })
    expect(ask([...policies, staged], 'x/b -> x/a TCP/80').ingress!.decidedBy).toMatchObject({
      name: 'p2',
      rule: null,
    })
  })
})

describe('pending verdicts ask staged policies as if they were enforced', () => {
  const deny = { ...onA, ingress: [{ action: 'Deny' }] }
  const staged = (spec: object, name = 's') =>
    calico('StagedNetworkPolicy', { name, namespace: 'x' }, { ...deny, ...spec })
  const pending = (policies: Parameters<typeof ask>[0]) =>
    evaluate(buildModel([...smallCluster(), ...policies]), flow('x/b -> x/a TCP/80'), { pending: true })

  test('a staged Deny denies', () => {
    expect(pending([staged({})])).toMatchObject({
      verdict: 'denied',
      ingress: { decidedBy: { name: 's', rule: 0 } },
    })
    expect(ask([staged({})], 'x/b -> x/a TCP/80').verdict).toBe('allowed')
  })

  test('a staged policy isolates, and the first that did not match is blamed', () => {
    const none = { ingress: [] }
    expect(pending([staged(none, 's1'), staged(none, 's2')]).ingress!.decidedBy).toMatchObject({
      name: 's1',
      rule: null,
    })
  })

  test('an enforced twin of the same name and order comes first', () => {
    expect(
      pending([staged({}, 'same'), np({ ...onA, ingress: [{ action: 'Allow' }] }, 'same')]).verdict,
    ).toBe('allowed')
  })

  test('a staged deletion changes nothing', () => {
    const deletion = calico('StagedNetworkPolicy', { name: 'n', namespace: 'x' }, { stagedAction: 'Delete' })
    expect(pending([np(deny), deletion]).verdict).toBe('denied')
  })
})

describe('addresses', () => {
  const six = pod('x/six', 'n1', { address: 'fd00::1' })

  test('IPv6 rules see IPv6 flows', () => {
    const rule = {
      action: 'Allow',
      source: { nets: ['fd00::/64'] },
      destination: { selector: "app == 'six'" },
    }
    const policies = [six, np({ ingress: [rule] })]
    expect(ask(policies, 'fd00::9 -> x/six TCP/80').verdict).toBe('allowed')
    expect(ask(policies, 'fd00:0:0:1::9 -> x/six TCP/80').verdict).toBe('denied')
    expect(ask(policies, 'FD00::0:9 -> fd00:0::1 TCP/80').verdict).toBe('allowed')
  })

  test('two families do not meet', () => {
    expect(() => ask([six], 'x/a -> x/six TCP/80')).toThrow('x/a has no IPv6 address')
  })

  test('a pod without an address is selected by its labels and matched by no CIDR', () => {
    const pending = pod('x/new', 'n1', { address: '', labels: { app: 'b' } })
    const byLabel = np({ ...onA, ingress: [{ action: 'Allow', source: { selector: "app == 'b'" } }] })
    const byNet = np({ ...onA, ingress: [{ action: 'Allow', source: { nets: ['0.0.0.0/0'] } }] })
    expect(ask([pending, byLabel], 'x/new -> x/a TCP/80').verdict).toBe('allowed')
    expect(ask([pending, byNet], 'x/new -> x/a TCP/80').verdict).toBe('denied')
  })

  test('pods and hosts whose node nobody knows are not on one node', () => {
    const host = make('v1', 'Pod', { name: 'lost', namespace: 'x' }, { spec: { hostNetwork: true } })
    const plain = make('v1', 'Pod', { name: 'plain', namespace: 'x', labels: { app: 'a' } })
    const closed = np({ ...onA, types: ['Ingress'] })
    expect(ask([host, plain, closed], 'x/lost -> x/plain TCP/80').verdict).toBe('denied')
    const gone = make(
      'v1',
      'Pod',
      { name: 'gone', namespace: 'x' },
      { spec: { hostNetwork: true, nodeName: 'n9' } },
    )
    expect(ask([gone, closed], 'x/gone -> x/a TCP/80').verdict).toBe('denied')
    const dropping = { endpointToHost: 'drop' as const }
    expect(ask([host, plain], 'x/plain -> x/lost TCP/80', dropping).verdict).toBe('allowed')
    expect(ask([], 'x/a -> x/h TCP/80', dropping).verdict).toBe('denied')
  })

  test('a host-network pod has the addresses of its node where it has none of its own', () => {
    const spec = { hostNetwork: true, nodeName: 'n2' }
    const host = make('v1', 'Pod', { name: 'fresh', namespace: 'x' }, { spec })
    const fromNode = np({ ...onA, ingress: [{ action: 'Allow', source: { nets: ['172.18.0.3/32'] } }] })
    expect(ask([host, fromNode], 'x/fresh -> x/a TCP/80').verdict).toBe('allowed')
    expect(ask([fromNode], 'x/h2 -> x/a TCP/80', { encapsulated: true }).verdict).toBe('denied')
  })

  test('the family is the first of the destination that the source has too', () => {
    const both = make(
      'v1',
      'Pod',
      { name: 'both', namespace: 'x', labels: { app: 'both' } },
      {
        status: { podIPs: [{ ip: 'fd00::1' }, { ip: '10.0.1.7' }] },
      },
    )
    const onlySix = np({ selector: "app == 'both'", ingress: [{ action: 'Allow', ipVersion: 6 }] })
    expect(ask([both, onlySix], 'x/a -> x/both TCP/80').verdict).toBe('denied')
    expect(ask([both, six, onlySix], 'x/six -> x/both TCP/80').verdict).toBe('allowed')
    const fresh = make('v1', 'Pod', { name: 'fresh', namespace: 'x' })
    expect(ask([both, fresh, onlySix], 'x/fresh -> x/both TCP/80').verdict).toBe('allowed')
  })

  test('a host-network pod has its own address before those of its node', () => {
    const own = pod('x/own', 'n1', { hostNetwork: true, address: '172.18.9.9' })
    const policy = np({
      ...onA,
      types: ['Egress'],
      egress: [{ action: 'Allow', destination: { nets: ['172.18.9.9/32'] } }],
    })
    expect(ask([own, policy], 'x/a -> x/own TCP/80').verdict).toBe('allowed')
    expect(ask([own, policy], 'x/a -> x/h TCP/80').verdict).toBe('denied')
  })

  test('what cannot be asked says why and what to ask', () => {
    expect(() => ask([], 'x/a -> 2001:db8::1 TCP/80')).toThrow(
      expect.objectContaining({ code: 'bad-input', hint: 'ask for two ends of the same address family' }),
    )
    expect(() => ask([], 'x/a -> x/nobody TCP/80')).toThrow(
      expect.objectContaining({
        code: 'not-found',
        hint: 'name a pod as namespace/pod, or give an IP address',
      }),
    )
  })

  test('an unknown pod is an error, not a denial', () => {
    expect(() => ask([], 'x/nobody -> x/a TCP/80')).toThrow('no running pod x/nobody')
    const near = expect.objectContaining({ cause: expect.stringMatching(/^there are x\/a, /) })
    expect(() => ask([], 'x -> x/a TCP/80')).toThrow(near)
  })
})

describe('criteria of a rule', () => {
  const ingress = (rule: object) => [np({ ...onA, ingress: [{ action: 'Allow', ...rule }] })]
  const sixth = (rule: object) => [
    pod('x/six', 'n1', { address: 'fd00::1' }),
    np({ selector: "app == 'six'", ingress: [{ action: 'Allow', ...rule }] }),
  ]
  test.each([
    ['icmp by type', ingress({ protocol: 'ICMP', icmp: { type: 8 } }), 'x/b -> x/a ICMP/8', 'allowed'],
    ['icmp of another type', ingress({ protocol: 'ICMP', icmp: { type: 8 } }), 'x/b -> x/a ICMP/0', 'denied'],
    [
      'icmp by type and code',
      ingress({ protocol: 'ICMP', icmp: { type: 8, code: 1 } }),
      'x/b -> x/a ICMP/8',
      'denied',
    ],
    ['any icmp', ingress({ protocol: 'ICMP', icmp: {} }), 'x/b -> x/a ICMP/3', 'allowed'],
    ['notICMP of that type', ingress({ notICMP: { type: 8 } }), 'x/b -> x/a ICMP/8', 'denied'],
    ['notICMP of another', ingress({ notICMP: { type: 8 } }), 'x/b -> x/a ICMP/0', 'allowed'],
    ['notICMP speaks of ICMP only', ingress({ notICMP: { type: 8 } }), 'x/b -> x/a TCP/80', 'denied'],
    ['notICMP with another code', ingress({ notICMP: { type: 8, code: 1 } }), 'x/b -> x/a ICMP/8', 'allowed'],
    [
      'notICMP of another speaks of ICMP only',
      ingress({ notICMP: { type: 3 } }),
      'x/b -> x/a TCP/80',
      'denied',
    ],
    [
      'icmp by its code',
      ingress({ protocol: 'ICMP', icmp: { type: 8, code: 0 } }),
      'x/b -> x/a ICMP/8',
      'allowed',
    ],
    [
      'an echo request unless said otherwise',
      ingress({ protocol: 'ICMP', icmp: { type: 8, code: 0 } }),
      'x/b -> x/a ICMP',
      'allowed',
    ],
    ['and no other', ingress({ protocol: 'ICMP', icmp: { type: 128 } }), 'x/b -> x/a ICMP', 'denied'],
    [
      'that of IPv6',
      sixth({ protocol: 'ICMPv6', icmp: { type: 128, code: 0 } }),
      'fd00::9 -> x/six ICMPv6',
      'allowed',
    ],
    [
      'and no other of IPv6',
      sixth({ protocol: 'ICMPv6', icmp: { type: 8 } }),
      'fd00::9 -> x/six ICMPv6',
      'denied',
    ],
    ['a ping of IPv6', sixth({ protocol: 'ICMPv6' }), 'fd00::9 -> x/six ICMP', 'allowed'],
    ['a ping of IPv6 is no ICMP of IPv4', sixth({ protocol: 1 }), 'fd00::9 -> x/six ICMP', 'denied'],
    ['ICMP of IPv6 by number', sixth({ notICMP: { type: 1 } }), 'fd00::9 -> x/six 58', 'allowed'],
    ['ICMP of IPv4 is none of IPv6', sixth({ notICMP: { type: 1 } }), 'fd00::9 -> x/six 1', 'denied'],
    ['a protocol number', ingress({ protocol: 47 }), 'x/b -> x/a 47', 'allowed'],
    ['notProtocol', ingress({ notProtocol: 'TCP' }), 'x/b -> x/a UDP/80', 'allowed'],
    ['notProtocol of it', ingress({ notProtocol: 'TCP' }), 'x/b -> x/a TCP/80', 'denied'],
    [
      'a port range',
      ingress({ protocol: 'TCP', destination: { ports: ['80:90'] } }),
      'x/b -> x/a TCP/90',
      'allowed',
    ],
    [
      'past a port range',
      ingress({ protocol: 'TCP', destination: { ports: ['80:90'] } }),
      'x/b -> x/a TCP/91',
      'denied',
    ],
    [
      'notPorts',
      ingress({ protocol: 'TCP', destination: { notPorts: [80] } }),
      'x/b -> x/a TCP/80',
      'denied',
    ],
    [
      'notPorts of others',
      ingress({ protocol: 'TCP', destination: { notPorts: [80] } }),
      'x/b -> x/a TCP/81',
      'allowed',
    ],
    [
      'named notPorts',
      ingress({ protocol: 'TCP', destination: { notPorts: ['http'] } }),
      'x/b -> x/a TCP/80',
      'denied',
    ],
    [
      'named notPorts of others',
      ingress({ protocol: 'TCP', destination: { notPorts: ['http'] } }),
      'x/b -> x/a TCP/81',
      'allowed',
    ],
    ['source ports', ingress({ protocol: 'TCP', source: { ports: [1] } }), 'x/b -> x/a TCP/80', 'denied'],
    [
      'ephemeral source ports',
      ingress({ protocol: 'TCP', source: { ports: ['1024:65535'] } }),
      'x/b -> x/a TCP/80',
      'allowed',
    ],
    ['ipVersion 6', ingress({ ipVersion: 6 }), 'x/b -> x/a TCP/80', 'denied'],
    ['ipVersion 4', ingress({ ipVersion: 4 }), 'x/b -> x/a TCP/80', 'allowed'],
    [
      'nets and notNets',
      ingress({ source: { nets: ['10.0.0.0/8'], notNets: ['10.0.1.2/32'] } }),
      'x/b -> x/a TCP/80',
      'denied',
    ],
    [
      'selector and notSelector',
      ingress({ source: { selector: 'has(app)', notSelector: "app == 'b'" } }),
      'x/b -> x/a TCP/80',
      'denied',
    ],
    [
      'source services',
      [...ingress({ source: { services: { name: 's', namespace: 'x' } } }), slice('x/s', '10.0.1.2')],
      'x/b -> x/a TCP/1',
      'allowed',
    ],
    [
      'source services of others',
      [...ingress({ source: { services: { name: 's', namespace: 'x' } } }), slice('x/s', '10.0.1.2')],
      'y/c -> x/a TCP/1',
      'denied',
    ],
    [
      'SCTP ports',
      ingress({ protocol: 'SCTP', destination: { ports: [5] } }),
      'x/b -> x/a SCTP/5',
      'allowed',
    ],
    [
      'serviceAccountSelector',
      [gnp({ serviceAccountSelector: "trust == 'high'", ingress: [] })],
      'x/b -> x/a TCP/80',
      'denied',
    ],
    [
      'serviceAccountSelector of others',
      [gnp({ serviceAccountSelector: "trust == 'high'", ingress: [] })],
      'x/a -> x/b TCP/80',
      'allowed',
    ],
    [
      'namespaceSelector',
      [gnp({ namespaceSelector: "team == 'a'", ingress: [] })],
      'y/c -> x/a TCP/80',
      'denied',
    ],
    [
      'namespaceSelector of others',
      [gnp({ namespaceSelector: "team == 'b'", ingress: [] })],
      'y/c -> x/a TCP/80',
      'allowed',
    ],
    [
      'serviceAccountSelector of a namespaced policy',
      [np({ serviceAccountSelector: "projectcalico.org/name == 'sa1'" })],
      'x/a -> x/b TCP/80',
      'allowed',
    ],
  ])('%s', (_, policies, text, verdict) => {
    expect(ask(policies, text).verdict).toBe(verdict)
  })
})
