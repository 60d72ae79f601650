import type { Flow } from '../../../../src/policy/index.ts'
import type { Random } from '../../../support/random-policies/random.ts'
import { outside, outsideSix, portNumbers } from '../../../support/random-policies/random-cluster.ts'
import { isSix } from './bits.ts'
import type { OracleFlow } from './oracle.ts'
import type { World } from './world.ts'

/** A flow between pods, nodes and the world outside, of any protocol and either family. */
export function randomFlow(random: Random, world: World): OracleFlow {
  const six = random.chance(0.2)
  const pods = world.owners
    .filter(({ type }) => type === 'pod')
    .map(({ namespace, name }) => `${namespace}/${name}`)
  const places = [...pods, ...pods, ...world.hosts.map(({ id }) => id), ...(six ? outsideSix : outside)]
  const protocol = random.pick(['TCP', 'TCP', 'TCP', 'UDP', 'UDP', 'SCTP', six ? 'ICMPv6' : 'ICMP', '47'])
  const icmp = { type: random.pick([0, 8, 128]), code: random.below(2) }
  const member = random.pick(Object.values(world.services).flat())
  if (!six && random.chance(0.15)) {
    const owner = world.owners.find(
      ({ type, addresses }) => type === 'pod' && addresses.includes(member.address),
    )!
    const to = `${owner.namespace}/${owner.name}`
    return {
      from: random.pick(pods),
      to,
      protocol: member.protocol,
      port: member.port,
      icmp,
      viaService: true,
      six,
    }
  }
  const hosts = world.owners.filter(({ type, addresses }) => type === 'host' && addresses.length > 0)
  const host = !six && random.chance(0.08) && hosts.length > 0 ? random.pick(hosts) : undefined
  if (host) {
    const { protocol, number } = random.pick([...host.ports, { protocol: 'TCP', number: 22 }])
    return {
      from: random.pick([...places, ...outside]),
      to: random.pick(host.addresses.filter((address) => !isSix(address))),
      protocol,
      port: number,
      icmp,
      viaService: false,
      six,
    }
  }
  const port = ['TCP', 'UDP', 'SCTP'].includes(protocol) ? random.pick(portNumbers) : 0
  return {
    from: random.pick(places),
    to: random.pick(places),
    protocol,
    port,
    icmp,
    viaService: random.chance(0.3),
    six,
  }
}

export function engineFlow({ from, to, protocol, port, icmp, viaService, six }: OracleFlow): Flow {
  const known = protocol as Flow['protocol']
  return {
    source: from,
    destination: to,
    protocol: protocol === '47' ? 47 : known,
    port,
    icmp,
    viaService,
    ipVersion: six ? 6 : 4,
  }
}
