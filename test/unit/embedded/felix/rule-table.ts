import type {
  DirectionRules,
  EndpointRules,
  LoweredRule,
  PeerMatch,
  PolicyChain,
  RuleAction,
  RuleMatch,
  RuleTable,
  TierRules,
} from '../../../../src/policy/rules.ts'

/** Rule tables in few words, for the tests of felix alone. */

export function peer(fields: Partial<PeerMatch> = {}): PeerMatch {
  return {
    inSets: [],
    notInSets: [],
    nets: [],
    notNets: [],
    ports: [],
    portSets: [],
    notPorts: [],
    notPortSets: [],
    ...fields,
  }
}

export function rule(action: RuleAction, match: Partial<RuleMatch> = {}, index = 0): LoweredRule {
  return { action, index, match: { source: peer(), destination: peer(), ...match } }
}

export function chain(id: string, direction: PolicyChain['direction'], rules: LoweredRule[]): PolicyChain {
  return { id, direction, staged: /^(snp|sgnp|sknp)\//.test(id), rules }
}

/** The profile of a namespace: allows all, both ways. */
export function profileChains(namespace: string): PolicyChain[] {
  const id = `pro/kns.${namespace}`
  return [chain(id, 'ingress', [rule('allow')]), chain(id, 'egress', [rule('allow')])]
}

export function tier(
  name: string,
  policies: string[],
  endAction: TierRules['endAction'] = 'deny',
): TierRules {
  const enforced = policies.filter((id) => !/^(snp|sgnp|sknp)\//.test(id))
  const endOwner = enforced.at(-1) ?? null
  return { name, policies, endAction: endOwner ? endAction : 'pass', stagedEndAction: endAction, endOwner }
}

export function endpoint(
  name: string,
  fields: { node?: string; address: string; ingress?: TierRules[]; egress?: TierRules[] },
): EndpointRules {
  const profiles = [`pro/kns.${name.split('/')[0]}`]
  const direction = (tiers: TierRules[] = []): DirectionRules => ({ tiers, profiles })
  return {
    endpoint: name,
    node: fields.node ?? 'node-1',
    addresses: [fields.address],
    ingress: direction(fields.ingress),
    egress: direction(fields.egress),
  }
}

export function ruleTable(fields: Partial<RuleTable>): RuleTable {
  const none = { hosts: [], failsafe: { ingress: [], egress: [] } }
  return { addressSets: [], portSets: [], chains: [], endpoints: [], ...none, ...fields }
}

const port = (number: number) => [{ first: number, last: number }]

/** The calico-basics lab when its policies are right: default-deny, allow-dns, allow-web. */
export function calicoBasics(): RuleTable {
  const namespace = 'zero-trust-lab'
  const deny = `np/${namespace}/default-deny`
  const dns = `np/${namespace}/allow-dns`
  const web = `np/${namespace}/allow-web`
  const webPort = { protocol: 6, destination: peer({ ports: port(80) }) }
  const dnsServer = (protocol: number) => ({
    protocol,
    destination: peer({ inSets: ['dns'], ports: port(53) }),
  })
  return ruleTable({
    addressSets: [
      { id: 'client', text: 'app == "client"', cidrs: ['192.168.1.2/32'] },
      { id: 'dns', text: '(k8s-app == "kube-dns" && pcns.x == "kube-system")', cidrs: ['192.168.0.2/32'] },
      { id: 'web', text: 'app == "web"', cidrs: ['192.168.0.3/32'] },
    ],
    chains: [
      ...profileChains(namespace),
      ...profileChains('kube-system'),
      chain(deny, 'ingress', []),
      chain(deny, 'egress', []),
      chain(dns, 'egress', [rule('allow', dnsServer(17)), rule('allow', dnsServer(6), 1)]),
      chain(web, 'ingress', [rule('allow', { ...webPort, source: peer({ inSets: ['client'] }) })]),
      chain(web, 'egress', [
        rule('allow', { ...webPort, destination: peer({ inSets: ['web'], ports: port(80) }) }),
      ]),
    ],
    endpoints: [
      endpoint('kube-system/coredns', { address: '192.168.0.2' }),
      endpoint(`${namespace}/nginx-1`, {
        address: '192.168.0.3',
        ingress: [tier('default', [web, deny])],
        egress: [tier('default', [dns, deny])],
      }),
      endpoint(`${namespace}/client`, {
        node: 'node-2',
        address: '192.168.1.2',
        ingress: [tier('default', [deny])],
        egress: [tier('default', [dns, web, deny])],
      }),
    ],
  })
}

/** One of everything that a rule table can say. */
export function everything(): RuleTable {
  const id = 'gnp/everything'
  const matches: [RuleAction, Partial<RuleMatch>][] = [
    ['allow', { protocol: 6, destination: peer({ ports: [...port(443), { first: 8000, last: 8080 }] }) }],
    ['allow', { destination: peer({ portSets: ['named'] }) }],
    ['allow', { protocol: 17, destination: peer({ ports: port(53), portSets: ['named'] }) }],
    ['deny', { protocol: 132, destination: peer({ notPorts: port(7777), notPortSets: ['named'] }) }],
    ['deny', { source: peer({ nets: ['10.0.0.0/8', '10.1.0.0/16', '192.0.2.1/32'] }) }],
    ['deny', { source: peer({ notNets: ['10.0.0.0/8', 'fd00::/8'], inSets: ['a', 'b'], notInSets: ['c'] }) }],
    ['deny', { source: peer({ notInSets: ['c'] }) }],
    ['deny', { source: peer({ notNets: ['fd00::/8'] }) }],
    ['allow', { protocol: 1, icmp: { type: 8, code: 0 } }],
    ['allow', { ipVersion: 4, protocol: 1, notIcmp: { type: 3, code: 1 } }],
    ['allow', { protocol: 58, icmp: { type: 128 } }],
    ['allow', { notIcmp: { type: 8 } }],
    ['pass', { notProtocol: 6 }],
    ['pass', { ipVersion: 6 }],
    ['pass', { protocol: 47 }],
    ['log', {}],
    ['deny', { protocol: 6, source: peer({ ports: port(1024) }), destination: peer({ notPorts: port(80) }) }],
    ['deny', {}],
  ]
  return ruleTable({
    addressSets: [
      { id: 'a', text: 'has(a)', cidrs: ['192.168.0.2/32', 'fd00::2/128'] },
      { id: 'b', text: 'role == "b"', cidrs: ['10.0.0.0/8', '10.0.0.1/32', 'fd00::/64', '0.0.0.0/0'] },
      { id: 'c', text: 'x'.repeat(300), cidrs: [] },
    ],
    portSets: [
      {
        id: 'named',
        text: 'port web of has(a)',
        members: [
          { address: '192.168.0.2', protocol: 6, port: 8080 },
          { address: '192.168.0.2', protocol: 132, port: 8080 },
        ],
      },
    ],
    chains: [
      ...profileChains('shop'),
      chain(
        id,
        'ingress',
        matches.map(([action, match], index) => rule(action, match, index)),
      ),
      chain('sgnp/preview', 'ingress', [
        rule('deny', { protocol: 17 }),
        rule('log', {}, 1),
        rule('pass', {}, 2),
      ]),
      chain('kcnp/admin', 'ingress', [rule('pass', { protocol: 6 })]),
    ],
    endpoints: [
      endpoint('shop/db', {
        address: '192.168.0.2',
        ingress: [tier('kube-admin', ['kcnp/admin'], 'pass'), tier('default', ['sgnp/preview', id])],
      }),
    ],
  })
}
