import { parseAddress } from '../../../../src/cidr.ts'
import { Failsafe } from '../../../../src/policy/model/failsafe.ts'
import { calico, make } from '../small-cluster.ts'

const inbound = { failsafeInboundHostPorts: [{ protocol: 'tcp', port: 2222, net: '10.0.0.0/8' }] }

function texts(failsafe: Failsafe, direction: 'ingress' | 'egress'): string[] {
  return failsafe.list(direction).map(({ protocol, port }) => `${protocol}/${port}`)
}

test('without settings they are those that are built into Felix', () => {
  const common = [179, 2379, 2380, 5473, 6443, 6666, 6667].map((port) => `6/${port}`)
  expect(texts(new Failsafe([]), 'ingress')).toEqual(['6/22', ...common, '17/68'])
  expect(texts(new Failsafe([]), 'egress')).toEqual(['17/53', '17/67', ...common])
})

test('each list is that of FelixConfiguration default, where it has it', () => {
  const failsafe = new Failsafe([
    calico('FelixConfiguration', { name: 'node.n1' }, { failsafeInboundHostPorts: [] }),
    make(
      'projectcalico.org/v3',
      'KubeControllersConfiguration',
      { name: 'default' },
      { spec: { failsafeInboundHostPorts: [] } },
    ),
    calico('FelixConfiguration', { name: 'default' }, inbound),
  ])
  expect(texts(failsafe, 'ingress')).toEqual(['6/2222'])
  expect(texts(failsafe, 'egress')).toEqual(texts(new Failsafe([]), 'egress'))
})

test('a port that has a block is open to addresses in it alone', () => {
  const failsafe = new Failsafe([calico('FelixConfiguration', { name: 'default' }, inbound)])
  const covers = (peer: string | null, protocol = 6, port = 2222) =>
    failsafe.covers('ingress', { protocol, port, peer: peer === null ? null : parseAddress(peer) })
  expect([covers('10.1.2.3'), covers('192.0.2.1'), covers(null)]).toEqual([true, false, false])
  expect([covers('10.1.2.3', 17), covers('10.1.2.3', 6, 22)]).toEqual([false, false])
  expect(failsafe.covers('egress', { protocol: 6, port: 2222, peer: parseAddress('10.1.2.3') })).toBe(false)
  expect(failsafe.covers('egress', { protocol: 17, port: 53, peer: null })).toBe(true)
})

test('the numbers of a protocol are those of both directions', () => {
  const failsafe = new Failsafe([calico('FelixConfiguration', { name: 'default' }, inbound)])
  expect(failsafe.numbers(17)).toEqual([53, 67])
  expect(failsafe.numbers(6)).toEqual([2222, 179, 2379, 2380, 5473, 6443, 6666, 6667])
  expect(failsafe.numbers(132)).toEqual([])
})
