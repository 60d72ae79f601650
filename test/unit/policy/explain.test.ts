import { buildModel, explain } from '../../../src/policy/index.ts'
import { calico, flow, gnp, knp, make, np, pod, slice, smallCluster, tier } from './small-cluster.ts'

type Objects = Parameters<typeof buildModel>[0]

const kubeSystem = make('v1', 'Namespace', { name: 'kube-system' })
const dns = pod('kube-system/dns', 'n2', { address: '10.0.2.53', labels: { 'k8s-app': 'kube-dns' } })
const allow = { action: 'Allow' }
const onA = { selector: "app == 'a'" }
const service = { name: 'api', namespace: 'y' }
const apiSlice = slice('y/api', '192.0.2.1')

function stagedAllow(spec: object) {
  return calico('StagedNetworkPolicy', { name: 'a', namespace: 'x' }, { ...spec })
}

function explained(policies: Objects, text: string) {
  return explain(buildModel([...smallCluster(), kubeSystem, dns, ...policies]), flow(text))
}

describe('the nearest miss', () => {
  const dnsRule = (destination: object) => [
    np(
      {
        types: ['Egress'],
        egress: [{ ...allow, protocol: 'UDP', destination: { ports: [53], ...destination } }],
      },
      'allow-dns',
    ),
  ]
  test.each([
    [
      'a destination selector that cannot leave its namespace',
      dnsRule({ selector: "k8s-app == 'kube-dns'" }),
      'x/a -> kube-system/dns UDP/53',
      'rule 0 of NetworkPolicy x/allow-dns would allow it if the destination were in namespace x, the only one that the rule looks at',
    ],
    [
      'DNS over TCP',
      dnsRule({ namespaceSelector: 'all()' }),
      'x/a -> kube-system/dns TCP/53',
      'rule 0 of NetworkPolicy x/allow-dns would allow it if the protocol were UDP',
    ],
    [
      'another port',
      dnsRule({ namespaceSelector: 'all()' }),
      'x/a -> y/c UDP/54',
      'would allow it if the destination port were 53',
    ],
    [
      'labels',
      [np({ ...onA, ingress: [{ ...allow, source: { selector: "app == 'z' && role == 'db'" } }] })],
      'x/b -> x/a TCP/80',
      'would allow it if the source had labels app == "z"',
    ],
    [
      'an address outside',
      [np({ ...onA, ingress: [{ ...allow, source: { selector: "app == 'b'" } }] })],
      'outside -> x/a TCP/80',
      'if the source were an endpoint or network set selected by (projectcalico.org/namespace == "x" && app == "b")',
    ],
    [
      'CIDRs and what they leave out',
      [knp({ ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.0.1.0/24'] } }] }] })],
      'x/b -> x/a TCP/80',
      'rule 0 of Kubernetes NetworkPolicy x/k would allow it if the source were not in 10.0.1.0/24',
    ],
    [
      'a named port',
      [np({ ...onA, ingress: [{ ...allow, protocol: 'TCP', destination: { ports: ['http', '90:99'] } }] })],
      'x/b -> x/a TCP/81',
      'if the destination port were 90-99 or port http/TCP',
    ],
    [
      'the closer of two rules',
      [
        np({
          ...onA,
          ingress: [
            { ...allow, protocol: 'UDP', source: { nets: ['9.0.0.0/8'] } },
            { ...allow, protocol: 'UDP' },
          ],
        }),
      ],
      'x/b -> x/a TCP/81',
      'rule 1 of NetworkPolicy x/n would allow it if the protocol were UDP',
    ],
    [
      'the first of two rules that are equally close',
      [
        np({
          ...onA,
          ingress: [
            { ...allow, protocol: 'UDP' },
            { ...allow, protocol: 'SCTP' },
          ],
        }),
      ],
      'x/b -> x/a TCP/81',
      'rule 0 of NetworkPolicy x/n would allow it if the protocol were UDP',
    ],
    [
      'a Service',
      [np({ types: ['Egress'], egress: [{ ...allow, destination: { services: service } }] }), apiSlice],
      'x/a -> x/b TCP/80',
      'would allow it if the destination port were service y/api',
    ],
    [
      'a Service as a source',
      [np({ ...onA, ingress: [{ ...allow, source: { services: service } }] }), apiSlice],
      'x/b -> x/a TCP/80',
      'would allow it if the source were behind Service y/api',
    ],
    [
      'what a selector leaves out',
      [gnp({ ...onA, ingress: [{ ...allow, source: { notSelector: "role == 'db'" } }] })],
      'x/b -> x/a TCP/80',
      'would allow it if the source were not selected by role == "db"',
    ],
    [
      'blocks',
      [np({ ...onA, ingress: [{ ...allow, source: { nets: ['192.0.2.0/24', '198.51.100.0/24'] } }] })],
      'x/b -> x/a TCP/80',
      'would allow it if the source were in 192.0.2.0/24 or 198.51.100.0/24',
    ],
    [
      'several blocks that are left out',
      [np({ ...onA, ingress: [{ ...allow, source: { notNets: ['192.0.2.0/24', '10.0.0.0/8'] } }] })],
      'x/b -> x/a TCP/80',
      'would allow it if the source were not in 192.0.2.0/24 or 10.0.0.0/8',
    ],
    [
      'ports that are left out',
      [np({ ...onA, ingress: [{ ...allow, protocol: 'TCP', destination: { notPorts: [80, 'http'] } }] })],
      'x/b -> x/a TCP/80',
      'would allow it if the destination port were not 80 or port http/TCP',
    ],
    [
      'a protocol that is left out',
      [np({ ...onA, ingress: [{ ...allow, notProtocol: 'TCP' }] })],
      'x/b -> x/a TCP/80',
      'would allow it if the protocol were not TCP',
    ],
    [
      'ICMP',
      [np({ ...onA, ingress: [{ ...allow, protocol: 'ICMP', icmp: { type: 0 } }] })],
      'x/b -> x/a ICMP/8',
      'would allow it if the ICMP type and code were those of the rule',
    ],
    [
      'every part of nested selectors that fails',
      [np({ ...onA, ingress: [{ ...allow, source: { selector: "has(a) && (has(b) && app == 'b')" } }] })],
      'x/b -> x/a TCP/80',
      'would allow it if the source had labels has(a) and had labels has(b)',
    ],
    [
      'a whole alternative that fails',
      [gnp({ ...onA, ingress: [{ ...allow, source: { selector: "has(a) || role == 'c'" } }] })],
      'x/b -> x/a TCP/80',
      'would allow it if the source had labels (has(a) || role == "c")',
    ],
    [
      'nothing of staged policies',
      [
        stagedAllow({ ...onA, ingress: [{ ...allow, protocol: 'TCP', destination: { ports: [82] } }] }),
        np({ ...onA, ingress: [{ ...allow, protocol: 'UDP' }] }),
      ],
      'x/b -> x/a TCP/81',
      'rule 0 of NetworkPolicy x/n would allow it if the protocol were UDP',
    ],
    [
      'only rules that come before the denial',
      [
        np({
          ...onA,
          ingress: [
            { ...allow, protocol: 'SCTP', ipVersion: 6 },
            { action: 'Deny' },
            { ...allow, protocol: 'UDP' },
          ],
        }),
      ],
      'x/b -> x/a TCP/81',
      'rule 0 of NetworkPolicy x/n would allow it if the flow were IPv6, and the protocol were SCTP',
    ],
  ])('names %s', (_, policies, text, expected) => {
    const { egress, ingress } = explained(policies, text)
    expect((egress?.nearestMiss ?? ingress?.nearestMiss)?.text).toContain(expected)
  })

  test('is of a rule that allows, however near others are', () => {
    const rules = [
      { action: 'Deny', protocol: 'UDP' },
      { ...allow, protocol: 'UDP', source: { selector: "app == 'c'" } },
    ]
    expect(
      explained([np({ ...onA, ingress: rules })], 'x/b -> x/a TCP/80').ingress!.nearestMiss,
    ).toMatchObject({
      rule: 1,
      conditions: ['the protocol were UDP', expect.stringContaining('the source had labels')],
    })
  })

  test('is no rule that contradicts itself', () => {
    const never = { ...allow, protocol: 'UDP', notProtocol: 17 }
    const far = { ...allow, protocol: 'UDP', destination: { ports: [53] } }
    const missOf = (rules: object[]) =>
      explained([np({ ...onA, ingress: rules })], 'x/b -> x/a TCP/80').ingress!.nearestMiss
    expect(missOf([never])).toBeNull()
    expect(missOf([never, far])?.rule).toBe(1)
    expect(missOf([{ ...allow, notProtocol: 'TCP' }])?.conditions).toEqual(['the protocol were not TCP'])
  })

  test('says of labels of a namespace that a host lacks them', () => {
    const hep = calico(
      'HostEndpoint',
      { name: 'h' },
      { node: 'n9', interfaceName: 'eth0', expectedIPs: ['192.0.2.9'] },
    )
    const policy = np({ ...onA, ingress: [{ ...allow, source: { namespaceSelector: 'all()' } }] })
    expect(explained([hep, policy], '192.0.2.9 -> x/a TCP/80').ingress!.nearestMiss!.conditions).toEqual([
      'the source had labels has(projectcalico.org/namespace)',
    ])
  })

  test('is nothing where no rule allows anything, and where nothing was denied', () => {
    expect(explained([np({ ...onA })], 'x/b -> x/a TCP/80').ingress!.nearestMiss).toBeNull()
    const passing = [{ ...allow, protocol: 'UDP' }, allow]
    expect(explained([np({ ...onA, ingress: passing })], 'x/b -> x/a TCP/80').ingress!.nearestMiss).toBeNull()
  })
})

test('the tiers asked are told in order, up to the one that decided', () => {
  const policies = [
    tier('first', { order: 1, defaultAction: 'Pass' }),
    gnp({ ...onA, tier: 'first', ingress: [{ action: 'Pass' }] }),
    np({ ...onA, ingress: [{ action: 'Deny' }] }),
    calico('StagedNetworkPolicy', { name: 's', namespace: 'x' }, onA),
    tier('last', { order: 9_000_000 }),
    gnp({ ...onA, tier: 'last', ingress: [allow] }, 'late'),
  ]
  const { ingress, egress, verdict } = explained(policies, 'x/b -> x/a TCP/80')
  expect(verdict.verdict).toBe('denied')
  expect(egress).toEqual({ endpoint: 'x/b', tiers: [], rule: null, nearestMiss: null })
  expect(
    ingress!.tiers.map(({ name, policies }) => [name, policies.map(({ kind, staged }) => [kind, staged])]),
  ).toEqual([
    ['first', [['GlobalNetworkPolicy', false]]],
    [
      'default',
      [
        ['NetworkPolicy', false],
        ['StagedNetworkPolicy', true],
      ],
    ],
  ])
  expect(ingress!.tiers[0]!.policies[0]!.subject).toBe('app == "a"')
})

test('staged policies are told and not asked', () => {
  const staged = stagedAllow({ ...onA, ingress: [{ action: 'Deny' }] })
  const { verdict, ingress } = explained([staged], 'x/b -> x/a TCP/80')
  expect(verdict.verdict).toBe('allowed')
  expect(ingress!.tiers.map(({ policies }) => policies.map(({ name, hit }) => [name, hit]))).toEqual([
    [['a', null]],
  ])
})

test('a failsafe port of a host has asked no tier', () => {
  const hep = calico(
    'HostEndpoint',
    { name: 'h', labels: { host: 'yes' } },
    { node: 'n1', interfaceName: 'eth0' },
  )
  const policy = gnp({ selector: 'has(host)', ingress: [{ action: 'Deny' }] })
  expect(explained([hep, policy], 'outside -> n1 TCP/22').ingress).toEqual({
    endpoint: 'h',
    tiers: [],
    rule: null,
    nearestMiss: null,
  })
})

test('what is dropped before any policy has asked none', () => {
  const { egress } = explained([np({ types: ['Egress'], egress: [allow] })], 'x/a -> x/b UDP/4789')
  expect(egress).toEqual({ endpoint: 'x/a', tiers: [], rule: null, nearestMiss: null })
})

test('traffic that no policy sees has no sides', () => {
  expect(explained([], 'x/a -> x/a TCP/80')).toMatchObject({
    egress: null,
    ingress: null,
    verdict: { verdict: 'allowed' },
  })
})

test.each([
  [
    np({
      types: ['Ingress'],
      ingress: [
        {
          action: 'Allow',
          protocol: 'TCP',
          source: { selector: "role == 'db'" },
          destination: { ports: [80, '8000:8010', 'http'] },
        },
      ],
    }),
    'allow TCP from (projectcalico.org/namespace == "x" && role == "db") to port 80 or 8000-8010 or port http/TCP',
  ],
  [
    np({
      types: ['Ingress'],
      ingress: [
        { action: 'Allow', notProtocol: 'UDP', source: { nets: ['10.0.0.0/8'], notNets: ['10.9.0.0/16'] } },
      ],
    }),
    'allow not UDP from 10.0.0.0/8, not 10.9.0.0/16',
  ],
  [
    np({
      types: ['Ingress'],
      ingress: [
        { action: 'Deny', protocol: 'TCP', destination: { ports: ['90:99', 80], notPorts: [81, 82] } },
      ],
    }),
    'deny TCP to port 90-99 or 80, not port 81 or 82',
  ],
  [
    np({ types: ['Ingress'], ingress: [{ action: 'Allow', source: { nets: ['9.0.0.0/8', '10.0.0.0/8'] } }] }),
    'allow from 9.0.0.0/8 or 10.0.0.0/8',
  ],
  [
    np({
      types: ['Ingress'],
      ingress: [{ action: 'Allow', source: { notNets: ['9.0.0.0/8', '8.0.0.0/8'] } }],
    }),
    'allow from not 9.0.0.0/8 or 8.0.0.0/8',
  ],
  [
    np({ types: ['Ingress'], ingress: [{ action: 'Deny', source: { notSelector: "role == 'x'" } }] }),
    'deny from (projectcalico.org/namespace == "x" && !role == "x")',
  ],
  [
    gnp({
      ...onA,
      types: ['Ingress'],
      ingress: [{ action: 'Deny', source: { notSelector: "role == 'x'" } }],
    }),
    'deny from not role == "x"',
  ],
])('the rule that decided is told in words', (policy, words) => {
  const { ingress } = explained([policy], 'x/b -> x/a TCP/80')
  expect(ingress!.rule).toBe(words)
  expect(ingress!.tiers[0]!.policies[0]!.hit).toEqual({ rule: 0, action: ingress!.rule!.split(' ')[0] })
})

test.each([
  [[{ action: 'Allow', protocol: 'ICMP', icmp: { type: 8 } }], 'allow ICMP ICMP type 8'],
  [[{ action: 'Deny', protocol: 'ICMP', notICMP: { type: 3 } }], 'deny ICMP not ICMP type 3'],
])('ICMP in words: %j', (ingress, words) => {
  expect(explained([np({ ...onA, ingress })], 'x/b -> x/a ICMP/8').ingress!.rule).toBe(words)
})

test('a Service in words names its ports by itself', () => {
  const policies = [np({ types: ['Egress'], egress: [{ ...allow, destination: { services: service } }] })]
  const { egress } = explained([...policies, apiSlice], 'x/a -> 192.0.2.1 TCP/80')
  expect(egress!.rule).toBe('allow to Service y/api')
})

test('an allow at the end of all tiers is no rule, and every tier was asked', () => {
  const pass = gnp({ ...onA, tier: 'first', ingress: [{ action: 'Pass' }] })
  const { ingress } = explained(
    [tier('first', { order: 1, defaultAction: 'Pass' }), pass],
    'x/b -> x/a TCP/80',
  )
  expect(ingress).toMatchObject({ rule: null, nearestMiss: null })
  expect(ingress!.tiers.map(({ name }) => name)).toEqual(['first'])
})

describe('policies of one name are told apart', () => {
  const port = (number: number) => ({ protocol: 'TCP', destination: { ports: [number] } })
  const same = [
    gnp({ ...onA, order: 1, ingress: [{ ...allow, ...port(1) }] }, 'same'),
    np({ ...onA, order: 2, ingress: [{ ...allow, ...port(2) }] }, 'same'),
    knp({ ingress: [{ ports: [{ port: 3 }] }] }, 'same'),
    calico('StagedNetworkPolicy', { name: 'same', namespace: 'x' }, { ...onA, order: 3 }),
    np({ ...onA, order: 2000, ingress: [{ action: 'Deny', ...port(4) }] }, 'last'),
  ]

  test.each([
    [1, ['GlobalNetworkPolicy']],
    [2, ['NetworkPolicy']],
    [3, ['NetworkPolicy of networking.k8s.io/v1']],
    [4, ['NetworkPolicy']],
    [5, []],
  ])('TCP/%i is decided by %j', (number, kinds) => {
    const { ingress } = explained(same, `x/b -> x/a TCP/${number}`)
    const hits = ingress!.tiers.flatMap(({ policies }) => policies).filter(({ hit }) => hit !== null)
    expect(
      hits.map(({ kind, apiVersion }) => (apiVersion.startsWith('net') ? `${kind} of ${apiVersion}` : kind)),
    ).toEqual(kinds)
    expect(ingress!.rule === null).toBe(number === 5)
  })

  test('a rule of a namesake is not the one that denied', () => {
    const early = knp({ ingress: [{ ports: [{ port: 5 }] }] }, 'twin')
    const late = np({ ...onA, order: 2000, ingress: [{ action: 'Deny' }] }, 'twin')
    const { ingress } = explained([early, late], 'x/b -> x/a TCP/80')
    expect(ingress!.nearestMiss).toMatchObject({ rule: 0, policy: { apiVersion: 'networking.k8s.io/v1' } })
  })

  test('the rules that were asked end at the one that denied, not at its namesakes', () => {
    const denying = [
      gnp(
        { ...onA, order: 1, ingress: [{ ...allow, protocol: 'UDP', source: { nets: ['9.0.0.0/8'] } }] },
        'same',
      ),
      np({ ...onA, order: 2, ingress: [{ action: 'Deny' }] }, 'same'),
      np({ ...onA, order: 3, ingress: [{ ...allow, protocol: 'UDP' }] }, 'later'),
    ]
    expect(explained(denying, 'x/b -> x/a TCP/80').ingress!.nearestMiss).toMatchObject({
      policy: { kind: 'GlobalNetworkPolicy', name: 'same' },
      rule: 0,
      conditions: ['the protocol were UDP', 'the source were in 9.0.0.0/8'],
    })
    const other = np({ ...onA, order: 0, ingress: [{ ...allow, protocol: 'UDP' }] }, 'other')
    expect(explained([other, ...denying], 'x/b -> x/a TCP/80').ingress!.nearestMiss!.policy.name).toBe(
      'other',
    )
  })
})
