import { type RenderOptions, render } from '../../../../src/embedded/felix/index.ts'
import type { RuleTable, TierRules } from '../../../../src/policy/index.ts'
import { movedCounters, readCounters } from '../../../support/capture.ts'
import { testInNamespaces } from '../../../support/network-namespace.ts'
import { Random } from '../../../support/random-policies/random.ts'
import { chain, endpoint, peer, profileChains, rule, ruleTable, tier } from './rule-table.ts'
import { client, dial, nodeAddress, programs, type WiredPods, web, wirePods } from './wired-pods.ts'

testInNamespaces(
  'an allowed SYN is seen at both ends, a denied one at the source alone',
  programs,
  async () => {
    const lab = await wire()
    expect(await lab.connect(80)).toEqual({
      connected: true,
      atSource: true,
      atDestination: true,
      denies: [],
      moved: ['np/lab/allow-web/egress/0/allow', 'np/lab/allow-web/ingress/0/allow'],
    })
    expect(await lab.connect(82)).toEqual({
      connected: false,
      atSource: true,
      atDestination: false,
      denies: ['pod/lab/client/egress/tier/default/deny'],
      moved: ['pod/lab/client/egress/tier/default/deny'],
    })
  },
)

testInNamespaces(
  'a packet that its source may send is stopped by the destination, one counter says so',
  programs,
  async () => {
    const lab = await wire()
    expect(await lab.connect(81)).toEqual({
      connected: false,
      atSource: true,
      atDestination: false,
      denies: ['pod/lab/web/ingress/tier/default/deny'],
      moved: ['np/lab/allow-web/egress/0/allow', 'pod/lab/web/ingress/tier/default/deny'],
    })
  },
)

testInNamespaces('with an emptied table nothing is stopped', programs, async () => {
  const lab = await wire({ empty: true })
  expect(await lab.connect(82)).toMatchObject({ atSource: true, atDestination: true, moved: [] })
})

testInNamespaces(
  'an interface of no known endpoint is cut off, and so is a forged source',
  programs,
  async () => {
    const lab = await wire({ unknown: 'lab/client' })
    expect(await lab.connect(80)).toMatchObject({
      atDestination: false,
      moved: ['guard/egress/unknown-interface/deny'],
    })
    await lab.client.run(['ip', 'address', 'add', '192.168.0.77/32', 'dev', 'eth0'])
    await lab.client.run([
      'ip',
      'route',
      'replace',
      web,
      'via',
      '169.254.1.1',
      'dev',
      'eth0',
      'src',
      '192.168.0.77',
    ])
    expect(await lab.connect(80)).toMatchObject({
      atDestination: false,
      moved: ['guard/egress/spoofed/deny'],
    })
  },
)

testInNamespaces(
  'a pod reaches its node as its egress allows; the node reaches its pods always',
  programs,
  async () => {
    const lab = await wire()
    const before = await readCounters(lab.node.enter)
    expect(await dial(lab.client, `${nodeAddress}:80`, { node: lab.node, before })).toBe('timeout')
    const between = await readCounters(lab.node.enter)
    expect(movedCounters(before, between)).toEqual(['pod/lab/client/egress/tier/default/deny'])
    expect(await dial(lab.node, `${web}:80`, { node: lab.node, before: between })).toBe('connected')
    expect(movedCounters(between, await readCounters(lab.node.enter))).toEqual(['guard/ingress/host/allow'])
  },
)

/** Both pods may talk on port 80; on 81 the client may send, but the web server may not receive. */
function rules() {
  const ports = (first: number, last: number) => peer({ inSets: ['web'], ports: [{ first, last }] })
  const allow = 'np/lab/allow-web'
  const deny = 'np/lab/default-deny'
  return ruleTable({
    addressSets: [{ id: 'web', text: 'app == "web"', cidrs: [`${web}/32`] }],
    chains: [
      ...profileChains('lab'),
      chain(deny, 'ingress', []),
      chain(deny, 'egress', []),
      chain(allow, 'ingress', [rule('allow', { protocol: 6, destination: ports(80, 80) })]),
      chain(allow, 'egress', [rule('allow', { protocol: 6, destination: ports(80, 81) })]),
    ],
    endpoints: [
      endpoint('lab/web', { address: web, ingress: [tier('default', [allow, deny])] }),
      endpoint('lab/client', {
        address: client,
        ingress: [tier('default', [deny])],
        egress: [tier('default', [allow, deny])],
      }),
    ],
  })
}

async function wire({ empty, unknown }: RenderOptions & { unknown?: string } = {}): Promise<WiredPods> {
  const lab = await wirePods()
  const table = rules()
  const endpoints = table.endpoints.filter((known) => known.endpoint !== unknown)
  await lab.program(render({ ...table, endpoints }, 'node-1', { empty }))
  return lab
}

interface TierCase {
  title: string
  tiers: TierRules[]
  connected: boolean
  moved: string[]
}

const profile = 'pod/lab/web/ingress/profile/kns.lab/allow'

const tierCases: TierCase[] = [
  { title: 'no policy: the profile allows', tiers: [], connected: true, moved: [profile] },
  {
    title: 'the first rule that matches decides',
    tiers: [tier('default', ['np/lab/deny', 'np/lab/allow'])],
    connected: false,
    moved: ['np/lab/deny/ingress/0/deny'],
  },
  {
    title: 'allow is final, also for later tiers',
    tiers: [tier('first', ['np/lab/allow']), tier('default', ['np/lab/deny'])],
    connected: true,
    moved: ['np/lab/allow/ingress/0/allow'],
  },
  {
    title: 'pass leaves the tier, whatever else is in it',
    tiers: [tier('first', ['np/lab/pass', 'np/lab/deny']), tier('default', ['np/lab/allow'])],
    connected: true,
    moved: ['np/lab/allow/ingress/0/allow', 'np/lab/pass/ingress/0/pass'],
  },
  {
    title: 'pass in the last tier ends at the profile',
    tiers: [tier('default', ['np/lab/pass'])],
    connected: true,
    moved: ['np/lab/pass/ingress/0/pass', profile],
  },
  {
    title: 'a pass in one tier does not leave the next',
    tiers: [tier('first', ['np/lab/pass']), tier('default', ['np/lab/none'])],
    connected: false,
    moved: ['np/lab/pass/ingress/0/pass', 'pod/lab/web/ingress/tier/default/deny'],
  },
  {
    title: 'a tier whose default is Pass goes on',
    tiers: [tier('kube-admin', ['np/lab/none'], 'pass'), tier('default', ['np/lab/deny'])],
    connected: false,
    moved: ['np/lab/deny/ingress/0/deny', 'pod/lab/web/ingress/tier/kube-admin/pass'],
  },
  {
    title: 'log decides nothing',
    tiers: [tier('default', ['np/lab/log'])],
    connected: false,
    moved: ['np/lab/log/ingress/0/log', 'pod/lab/web/ingress/tier/default/deny'],
  },
  {
    title: 'a staged policy counts and decides nothing; what it decides, a later staged one is not asked',
    tiers: [tier('default', ['snp/lab/none', 'snp/lab/deny', 'snp/lab/allow', 'np/lab/allow'])],
    connected: true,
    moved: [
      'np/lab/allow/ingress/0/allow',
      'pod/lab/web/ingress/pending/deny',
      'snp/lab/deny/ingress/0/deny',
      'snp/lab/none/ingress/none/none',
    ],
  },
  {
    title: 'the end of a tier whose policies are all staged counts what it would drop, once',
    tiers: [tier('first', ['snp/lab/none']), tier('default', ['snp/lab/deny'])],
    connected: true,
    moved: [
      'pod/lab/web/ingress/pending-tier/first/deny',
      'pod/lab/web/ingress/pending/deny',
      profile,
      'pod/lab/web/ingress/tier/default/pass',
      'pod/lab/web/ingress/tier/first/pass',
      'snp/lab/none/ingress/none/none',
    ],
  },
]

const pendingCases: TierCase[] = [
  {
    title: 'a staged pass leaves the tier for what is pending, whatever is enforced in it',
    tiers: [tier('default', ['snp/lab/pass', 'np/lab/deny'])],
    connected: false,
    moved: ['np/lab/deny/ingress/0/deny', 'pod/lab/web/ingress/pending/allow', 'snp/lab/pass/ingress/0/pass'],
  },
  {
    title: 'a staged allow before an enforced deny',
    tiers: [tier('default', ['snp/lab/allow', 'np/lab/deny'])],
    connected: false,
    moved: [
      'np/lab/deny/ingress/0/deny',
      'pod/lab/web/ingress/pending/allow',
      'snp/lab/allow/ingress/0/allow',
    ],
  },
  {
    title: 'a staged policy that isolates, beside an enforced one that passes on',
    tiers: [tier('first', ['np/lab/pass', 'snp/lab/deny']), tier('default', ['snp/lab/none'])],
    connected: true,
    moved: [
      'np/lab/pass/ingress/0/pass',
      'pending/np/lab/pass/ingress/0/pass',
      'pod/lab/web/ingress/pending-tier/default/deny',
      'pod/lab/web/ingress/pending/deny',
      profile,
      'pod/lab/web/ingress/tier/default/pass',
      'snp/lab/none/ingress/none/none',
    ],
  },
]

testInNamespaces('tiers, passes and staged policies decide as Calico says', programs, async () => {
  const lab = await wirePods()
  for (const { title, tiers, connected, moved } of [...tierCases, ...pendingCases]) {
    await lab.program(render(ingressOfWeb(tiers), 'node-1'))
    const seen = await lab.connect(80)
    const ingress = seen.moved.filter((name) => name.includes('/ingress/'))
    expect({ title, connected: seen.connected, atDestination: seen.atDestination, moved: ingress }).toEqual({
      title,
      connected,
      atDestination: connected,
      moved,
    })
  }
})

/** As the rule table says: staged policies asked in their order, tier after tier, and the profile allows. */
function pendingVerdict(tiers: TierRules[]): 'allow' | 'deny' {
  for (const { policies, stagedEndAction } of tiers) {
    const actions = policies.map((id) => id.split('/').at(-1)!)
    const first = actions.find((action) => ['allow', 'deny', 'pass'].includes(action))
    if (first === 'allow' || first === 'deny') return first
    if (!first && stagedEndAction === 'deny') return 'deny'
  }
  return 'allow'
}

testInNamespaces(
  'what is pending is counted as staged policies would have it, in any order',
  programs,
  async () => {
    const lab = await wirePods()
    const random = new Random(11)
    const known = ['none', 'log', 'allow', 'deny', 'pass'].flatMap((name) => [
      `np/lab/${name}`,
      `snp/lab/${name}`,
    ])
    for (let set = 0; set < 12; set++) {
      const tiers = ['first', 'default'].map((name) => {
        const policies = Array.from({ length: 1 + random.below(3) }, () => random.pick(known))
        return tier(
          name,
          [...new Set(['snp/lab/none', ...policies])].reverse(),
          random.pick(['deny', 'pass']),
        )
      })
      await lab.program(render(ingressOfWeb(tiers), 'node-1'))
      const { moved } = await lab.connect(80)
      const pending = moved.filter((name) => name.startsWith('pod/lab/web/ingress/pending/'))
      expect({ tiers, pending }).toEqual({
        tiers,
        pending: [`pod/lab/web/ingress/pending/${pendingVerdict(tiers)}`],
      })
    }
  },
)

function ingressOfWeb(tiers: TierRules[]): RuleTable {
  const actions = ['allow', 'deny', 'pass', 'log'] as const
  const policies = ['np', 'snp'].flatMap((kind) => [
    chain(`${kind}/lab/none`, 'ingress', []),
    ...actions.map((action) => chain(`${kind}/lab/${action}`, 'ingress', [rule(action, { protocol: 6 })])),
  ])
  return ruleTable({
    chains: [...profileChains('lab'), ...policies],
    endpoints: [
      endpoint('lab/web', { address: web, ingress: tiers }),
      endpoint('lab/client', { address: client }),
    ],
  })
}
