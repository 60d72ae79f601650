import type {
  Direction,
  HostRules,
  HostStage,
  NodeInterface,
  RuleTable,
  TierRules,
} from '../../policy/index.ts'
import { logStatement } from '../flow-record.ts'
import { tunnels } from '../network/index.ts'
import { count, guard } from './counted.ts'
import { nftName } from './nft-name.ts'
import { policyChainName } from './policy-chain.ts'
import { allMarks, clearMark, comment, hasMark, lacksMark, marks, type Rendering } from './rendering.ts'

/** What felix makes of one node's HostEndpoints. */
export interface HostWalk {
  hosts: HostRules[]
  failsafe: RuleTable['failsafe']
}

/** Where Calico asks the HostEndpoint of a packet's interface, by stage and direction; before DNAT only what comes in. */
export const hostDispatch = {
  untracked: { ingress: 'raw-cali-from-host-endpoint', egress: 'raw-cali-to-host-endpoint' },
  'pre-dnat': { ingress: 'mangle-cali-from-host-endpoint', egress: null },
  normal: { ingress: 'filter-cali-from-host-endpoint', egress: 'filter-cali-to-host-endpoint' },
  forward: { ingress: 'filter-cali-from-hep-forward', egress: 'filter-cali-to-hep-forward' },
} as const satisfies Record<HostStage, Record<Direction, string | null>>

/** Felix's name of the interface that stands for all others. */
const anyInterface = 'any-interface-at-all'

const interfaceNames: Record<NodeInterface, string[]> = {
  outside: ['eth0'],
  tunnel: [tunnels[4].device, tunnels[6].device],
  loopback: ['lo'],
}

/** Adds the chains of each HostEndpoint, and those that lead to it by the packet's interface. */
export function addHostChains(rendering: Rendering, walk: HostWalk): void {
  for (const stage of Object.keys(hostDispatch) as HostStage[])
    for (const direction of ['ingress', 'egress'] as const) addStage(rendering, walk, { stage, direction })
}

interface Asked {
  stage: HostStage
  direction: Direction
}

function addStage(rendering: Rendering, walk: HostWalk, asked: Asked): void {
  const { stage, direction } = asked
  const dispatch = hostDispatch[stage][direction]
  if (dispatch === null) return
  const field = direction === 'ingress' ? 'iifname' : 'oifname'
  // Calico has no untracked policies for all interfaces, and leaves what goes to a pod of the node alone.
  const hosts = walk.hosts.filter(({ interfaces }) => interfaces || stage !== 'untracked')
  const skipsPods = stage === 'normal' && direction === 'egress'
  const named = hosts.filter(({ interfaces }) => interfaces)
  const lines = [...named, ...hosts.filter(({ interfaces }) => !interfaces)].map((host) => {
    const names = namesOf(host).map((name) => `"${name}"`)
    const where = host.interfaces ? `${field} { ${names.join(', ')} } ` : ''
    return `${where}goto ${chainName(host, asked)}`
  })
  const returns = skipsPods ? [`oifname "cali*" return`] : []
  rendering.chains.set(dispatch, { lines: [...returns, ...lines] })
  for (const host of hosts) addHostChain(rendering, { ...walk, host, ...asked })
}

function namesOf({ interfaces }: HostRules): string[] {
  return interfaces?.flatMap((name) => interfaceNames[name]) ?? [anyInterface]
}

function chainName(host: HostRules, { stage, direction }: Asked): string {
  const table = { untracked: 'raw', 'pre-dnat': 'mangle', normal: 'filter', forward: 'filter' }[stage]
  const way = direction === 'ingress' ? 'fh' : 'th'
  return nftName(`${table}-cali-${way}${stage === 'forward' ? 'fw' : ''}-${namesOf(host)[0]}`)
}

interface HostQuestion extends HostWalk, Asked {
  host: HostRules
}

function addHostChain(rendering: Rendering, question: HostQuestion): void {
  const { host, stage, direction, failsafe } = question
  const { tiers, profiles } = host.stages[stage][direction]
  const tracked = [
    `ct state established,related accept ${comment('replies, and ICMP errors of a known flow')}`,
    `ct state invalid ${guard(rendering, direction, 'invalid')}`,
  ]
  const lines = [
    ...(stage === 'untracked' ? [] : tracked),
    ...(stage === 'forward' ? [] : failsafeLines(failsafe[direction], direction)),
    // Without its neighbours a host has no IPv6 at all.
    ...(stage === 'forward' ? [] : ['icmpv6 type { 133, 134, 135, 136 } accept']),
    clearMark(allMarks),
    ...tiers.flatMap((tier) => tierLines(rendering, question, tier)),
    ...(stage === 'normal' ? profileLines(rendering, question, profiles) : []),
  ]
  rendering.chains.set(chainName(host, question), { lines })
}

const protocols: Record<number, string> = { 6: 'tcp', 17: 'udp', 132: 'sctp' }

function failsafeLines(ports: RuleTable['failsafe'][Direction], direction: Direction): string[] {
  return ports.map(({ protocol, port, net }) => {
    const family = net?.includes(':') ? 'ip6' : 'ip'
    const peer = net ? `${family} ${direction === 'ingress' ? 's' : 'd'}addr ${net} ` : ''
    return `${peer}${protocols[protocol]} dport ${port} accept ${comment('failsafe port')}`
  })
}

function tierLines(rendering: Rendering, question: HostQuestion, tier: TierRules): string[] {
  const { stage, direction, host } = question
  const notrack = stage === 'untracked' ? [`${hasMark(marks.accept)} notrack`] : []
  const policies = tier.policies.flatMap((id) => [
    `${lacksMark(marks.pass)} jump ${policyChainName(id, direction)}`,
    ...notrack,
    `${hasMark(marks.accept)} return`,
  ])
  const { name, endAction, endOwner: policy } = tier
  const isolates = endAction === 'deny' && (stage === 'normal' || stage === 'forward')
  const fields = {
    kind: 'end-of-tier',
    direction,
    action: 'deny',
    endpoint: host.endpoint,
    tier: name,
    policy,
  } as const
  const log = logStatement(direction, { pending: false, action: 'deny', rule: null, policy })
  const end = () => `${count(rendering, fields)} ${log} drop ${comment(`${policy ?? name} end of tier`)}`
  return [
    `${clearMark(marks.pass)} ${comment(`tier ${name}`)}`,
    ...policies,
    ...(isolates ? [`${lacksMark(marks.pass)} ${end()}`] : []),
  ]
}

function profileLines(
  rendering: Rendering,
  { direction, host: { endpoint } }: HostQuestion,
  profiles: string[],
): string[] {
  const jumps = profiles.flatMap((profile) => [
    `jump ${policyChainName(profile, direction)}`,
    `${hasMark(marks.accept)} ${logStatement(direction, { pending: false, action: 'allow', rule: 0, policy: profile })} return`,
  ])
  const log = logStatement(direction, { pending: false, action: 'deny', rule: null, policy: null })
  const none = count(rendering, { kind: 'profile', direction, endpoint, action: 'deny' })
  return [...jumps, `${none} ${log} drop ${comment('no profile allows')}`]
}
