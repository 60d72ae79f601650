import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { buildModel, lower, type RuleTable } from '../../../src/policy/index.ts'
import { addresses, calico, gnp, smallCluster } from './small-cluster.ts'

const deny = { action: 'Deny' }
const nothing = { tiers: [], profiles: [] }
const silent = { ingress: nothing, egress: nothing }

function hep(spec: object = {}, name = 'h'): KubernetesObject {
  const own = { node: 'n1', interfaceName: 'eth0', expectedIPs: [addresses.n1] }
  return calico('HostEndpoint', { name, labels: { host: 'yes' } }, { ...own, ...spec })
}

function tableOf(...objects: KubernetesObject[]): RuleTable {
  return lower(buildModel([...smallCluster(), ...objects]))
}

function tierOf(policy: string, endAction = 'deny') {
  const common = { name: 'default', policies: [policy], endOwner: policy }
  return { ...common, endAction, stagedEndAction: endAction }
}

test('each stage of a host has its policies; the normal one alone asks profiles', () => {
  const onHosts = (spec: object, name: string) => gnp({ selector: 'has(host)', ...spec }, name)
  const forwarded = { applyOnForward: true, ingress: [deny] }
  const { hosts, chains } = tableOf(
    hep({ profiles: ['projectcalico-default-allow', 'kns.gone', 'ksa.x.sa1'] }),
    onHosts({ ...forwarded, doNotTrack: true }, 'raw'),
    onHosts({ ...forwarded, preDNAT: true }, 'early'),
    onHosts({ ...forwarded, order: 1 }, 'through'),
    onHosts({ egress: [deny] }, 'own'),
  )
  const profiles = ['pro/projectcalico-default-allow', 'pro/kns.gone', 'pro/ksa.x.sa1']
  const into = (...tiers: object[]) => ({ ingress: { tiers, profiles: [] }, egress: nothing })
  expect(hosts).toEqual([
    {
      endpoint: 'h',
      node: 'n1',
      interfaces: ['outside'],
      stages: {
        untracked: into(tierOf('gnp/raw', 'pass')),
        'pre-dnat': into(tierOf('gnp/early', 'pass')),
        normal: {
          ingress: { tiers: [tierOf('gnp/through')], profiles },
          egress: { tiers: [tierOf('gnp/own')], profiles },
        },
        forward: into(tierOf('gnp/through')),
      },
    },
  ])
  const actions = (id: string) => chains.find((one) => one.id === id)!.rules.map(({ action }) => action)
  expect(profiles.map(actions)).toEqual([['allow'], ['deny'], []])
  expect(chains.map(({ id }) => id)).toEqual(expect.arrayContaining(['gnp/raw', 'gnp/early', 'gnp/own']))
})

test('nodes whose hosts can deny nothing are left out', () => {
  const open = { profiles: ['projectcalico-default-allow'] }
  const other = hep({ node: 'n2', expectedIPs: [addresses.n2] }, 'h2')
  const { hosts } = tableOf(hep(open), other)
  expect(hosts).toEqual([
    {
      endpoint: 'h2',
      node: 'n2',
      interfaces: ['outside'],
      stages: { untracked: silent, 'pre-dnat': silent, normal: silent, forward: silent },
    },
  ])
})

test('a node has each of its HostEndpoints, with what it stands for', () => {
  const { hosts } = tableOf(
    hep({ interfaceName: '*', expectedIPs: [] }, 'star'),
    hep({}, 'eth'),
    hep({ interfaceName: 'vxlan.calico', expectedIPs: [] }, 'tunnel'),
    hep({ interfaceName: 'lo', expectedIPs: [] }, 'lo'),
  )
  expect(hosts.map(({ endpoint, interfaces }) => [endpoint, interfaces])).toEqual([
    ['eth', ['outside']],
    ['tunnel', ['tunnel']],
    ['lo', ['loopback']],
    ['star', null],
  ])
})

test('failsafe ports are those of FelixConfiguration, with their blocks', () => {
  const settings = calico(
    'FelixConfiguration',
    { name: 'default' },
    {
      failsafeInboundHostPorts: [
        { protocol: 'udp', port: 5353, net: '10.0.0.0/8' },
        { protocol: 'tcp', port: 22 },
      ],
      failsafeOutboundHostPorts: [{ port: 443 }],
    },
  )
  expect(tableOf(settings).failsafe).toEqual({
    ingress: [
      { protocol: 17, port: 5353, net: '10.0.0.0/8' },
      { protocol: 6, port: 22, net: null },
    ],
    egress: [{ protocol: 6, port: 443, net: null }],
  })
})
