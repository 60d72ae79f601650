import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { IpVersion } from '../../cidr.ts'
import { changeNetwork, netnsPath } from '../../kernel/index.ts'
import type { ByFamily } from './addresses.ts'

/** A host that is no part of the cluster: at addresses that documents use for the internet (RFC 5737, RFC 3849). */
export const outsideHost: { name: string; addresses: ByFamily<string> } = {
  name: 'outside',
  addresses: { 4: '203.0.113.10', 6: '2001:db8::10' },
}

/** The router's own addresses on the wire to it. */
const routerAddresses: ByFamily<string> = { 4: '203.0.113.1', 6: '2001:db8::1' }

/**
 * Makes the host `outside`, a network namespace of its own behind the nodes' router, which knows the way to nodes and
 * not to pods: a pod reaches it only under its node's address (natOutgoing), and it reaches pods only by node ports.
 * It serves what `agnhost netexec` serves, on port 80.
 */
export async function createOutside(agentDirectory: string, families: IpVersion[]): Promise<void> {
  const { name, addresses } = outsideHost
  await changeNetwork({
    ip: [
      `netns add ${name}`,
      `link add ${name} type veth peer name eth0 netns ${name}`,
      ...families.map((family) => wire(family, routerAddresses, addresses, name)),
      `link set ${name} up`,
    ],
  })
  await changeNetwork({
    netns: netnsPath(name),
    ip: [
      'link set lo up',
      ...families.map((family) => wire(family, addresses, routerAddresses, 'eth0')),
      'link set eth0 up',
      ...families.map((family) => `route add default via ${routerAddresses[family]} dev eth0`),
    ],
  })
  const serve = [
    'sh',
    '-c',
    'while :; do "$@"; sleep 1; done',
    'sh',
    'perl',
    join(agentDirectory, 'agnhost'),
    'netexec',
    '--http-port=80',
    '--udp-port=8081',
  ]
  const server = spawn('nsenter', [`--net=${netnsPath(name)}`, '--', ...serve], {
    stdio: 'ignore',
    // It outlives this process.
    detached: true,
  })
  // Without it the host is still there, and whoever asks it hears that nobody listens.
  server.on('error', () => undefined)
}

/** One end of the wire. Without `nodad` an IPv6 address could not be used for a second. */
function wire(family: IpVersion, own: ByFamily<string>, peer: ByFamily<string>, device: string): string {
  if (family === 6) return `address add ${own[6]}/64 dev ${device} nodad`
  return `address add ${own[4]} peer ${peer[4]} dev ${device}`
}
