import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CalicoFlowReader } from '../../../../src/cluster/flows/calico-flow-log.ts'

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../fixtures/flows', name), 'utf8')
const text = fixture('calico-node.txt')

function readIn(size: number, text = fixture('calico-node.txt')) {
  const reader = new CalicoFlowReader('node-1')
  const flows = []
  for (let at = 0; at < text.length; at += size) flows.push(...reader.push(text.slice(at, at + size)))
  return [...flows, ...reader.end()]
}

test('every record of calico-node is a flow, however its output is cut', () => {
  const whole = readIn(text.length)
  expect(whole).toHaveLength(text.match(/^- Time=/gm)!.length)
  expect(readIn(7)).toEqual(whole)
  expect(readIn(1000)).toEqual(whole)
})

test('a flow is its edge, its counts and the policies that decided', () => {
  expect(readIn(text.length)[0]).toEqual({
    from: 'z/a',
    to: 'z/c',
    protocol: 'UDP',
    port: 80,
    service: null,
    node: 'node-1',
    at: '2026-11-23T06:24:25.000Z',
    basis: 'flow-log',
    action: 'allow',
    reporter: 'destination',
    counts: {
      packetsIn: 0,
      bytesIn: 0,
      packetsOut: 0,
      bytesOut: 0,
      connectionsStarted: 0,
      connectionsCompleted: 0,
      connectionsLive: 2,
    },
    enforced: [
      { kind: 'Profile', namespace: null, name: 'kns.z', tier: null, action: 'Allow', trigger: null },
    ],
    pending: [
      { kind: 'Profile', namespace: null, name: 'kns.z', tier: null, action: 'Allow', trigger: null },
    ],
  })
})

test('the end of a tier names the policy that made it count, and what comes after it', () => {
  const flow = readIn(text.length).find(({ enforced }) => enforced.length === 2)!
  expect(flow.enforced).toEqual([
    {
      kind: 'EndOfTier',
      namespace: null,
      name: null,
      tier: 'kube-baseline',
      action: 'Pass',
      trigger: { kind: 'ClusterNetworkPolicy', namespace: null, name: 'cnp0', tier: 'kube-baseline' },
    },
    { kind: 'Profile', namespace: null, name: 'kns.z', tier: null, action: 'Allow', trigger: null },
  ])
})

test('pending policies say what would be denied that is let through', () => {
  const wouldDeny = readIn(text.length).filter(
    ({ action, pending }) => action === 'allow' && pending.at(-1)?.action === 'Deny',
  )
  expect(wouldDeny.length).toBeGreaterThan(0)
})

test('what a staged policy would deny, and what a policy denies, name the policy', () => {
  const staged = fixture('calico-node-staged.txt')
  const flows = readIn(100, staged)
  expect(flows).toHaveLength(staged.match(/^- Time=/gm)!.length)
  expect(
    flows.find(({ action, pending }) => action === 'allow' && pending[0]?.action === 'Deny'),
  ).toMatchObject({
    to: 'shop/db',
    enforced: [{ kind: 'Profile', name: 'kns.shop' }],
    pending: [
      { kind: 'EndOfTier', trigger: { kind: 'StagedNetworkPolicy', namespace: 'shop', name: 'default.db' } },
    ],
  })
  expect(flows.find(({ action }) => action === 'deny')).toMatchObject({
    from: 'shop/db',
    to: 'shop/web',
    enforced: [{ trigger: { kind: 'NetworkPolicy', name: 'only-db' } }],
  })
  expect(flows.map(({ service }) => service)).toContain('kube-system/kube-dns')
})

test('a record that breaks off is left out', () => {
  const reader = new CalicoFlowReader('node-1')
  reader.push('- Time=2026-11-23 06:24:25 +0000 UTC Reporter=Src Action=Allow\n  Src={wep(y/a)} Dst={wep(z')
  expect(reader.end()).toEqual([])
})

test('networks, sets, hosts and Services have their own names', () => {
  const record = [
    '- Time=2026-11-23 06:24:25 +0100 CET Reporter=Src Action=Deny',
    '  Src={hep(-/node-1)} Dst={net(-/pub) Svc:shop/web} Proto={tcp(443) Svc:https/443}',
    '  Counts={Ingress: 1Pkts/2Bytes Egress:3Pkts/4Bytes} Connections={Started:5 Completed:6 Live:7}',
    '  Enforced:',
    '',
    '  Pending:',
    '',
    '',
  ].join('\n')
  const reader = new CalicoFlowReader('node-1')
  reader.push(record)
  expect(reader.end()).toMatchObject([
    {
      from: 'node/node-1',
      to: 'net/pub',
      service: 'shop/web',
      action: 'deny',
      at: '2026-11-23T05:24:25.000Z',
      enforced: [],
      counts: { connectionsLive: 7, bytesOut: 4 },
    },
  ])
})
