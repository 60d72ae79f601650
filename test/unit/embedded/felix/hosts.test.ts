import { diff, render } from '../../../../src/embedded/felix/index.ts'
import { buildModel, lower } from '../../../../src/policy/index.ts'
import { expectGolden } from '../../../support/golden.ts'
import { addresses, calico, gnp, smallCluster } from '../../policy/small-cluster.ts'

const allow = { action: 'Allow' }
const from = (net: string) => ({ ...allow, source: { nets: [net] } })
const hep = (name: string, spec: object, labels = { host: 'n1' }) =>
  calico('HostEndpoint', { name, labels }, { node: 'n1', ...spec })

/** Every stage of two HostEndpoints of one node, one for an interface and one for all others. */
const objects = [
  hep('eth0', { interfaceName: 'eth0', expectedIPs: [addresses.n1], profiles: ['kns.x'] }),
  hep('others', { interfaceName: '*', profiles: ['gone'] }),
  gnp({ selector: 'has(host)', ingress: [from('10.0.0.0/8')], egress: [allow] }, 'normal'),
  gnp({ selector: 'has(host)', applyOnForward: true, ingress: [from('10.1.0.0/16')] }, 'forwarded'),
  gnp(
    { selector: 'has(host)', applyOnForward: true, preDNAT: true, ingress: [from('10.2.0.0/16')] },
    'early',
  ),
  gnp({ selector: 'has(host)', applyOnForward: true, doNotTrack: true, egress: [allow] }, 'untracked'),
]
const table = lower(buildModel([...smallCluster(), ...objects]))

test('HostEndpoints of a node: who is asked, by interface and stage', () => {
  expect(table.hosts.map(({ endpoint, node, interfaces }) => [endpoint, node, interfaces])).toEqual([
    ['eth0', 'n1', ['outside']],
    ['others', 'n1', null],
  ])
  expectGolden('felix/hosts.nft', diff(null, render(table, 'n1')))
})

test('a node without HostEndpoints has none of their hooks', () => {
  const names = [...render(table, 'n2').chains.keys()]
  expect(names.filter((name) => /host-endpoint|hep-forward|mangle|raw-OUTPUT/.test(name))).toEqual([])
})

test('a HostEndpoint that denies nothing is not programmed', () => {
  const open = hep('open', { interfaceName: '*', profiles: ['projectcalico-default-allow'] }, { host: '' })
  expect(lower(buildModel([...smallCluster(), open])).hosts).toEqual([])
})
