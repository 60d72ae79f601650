import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { changeNetwork, netnsPath } from '../../kernel/index.ts'

/** A host that is no part of the cluster: in TEST-NET-3, which documents use for the internet (RFC 5737). */
export const outsideHost = { name: 'outside', address: '203.0.113.10' }

/** The router's own address on the wire to it. */
const routerAddress = '203.0.113.1'

/**
 * Makes the host `outside`, a network namespace of its own behind the nodes' router, which knows the way to nodes and
 * not to pods: a pod reaches it only under its node's address (natOutgoing), and it reaches pods only by node ports.
 * It serves what `agnhost netexec` serves, on port 80.
 */
export async function createOutside(agentDirectory: string): Promise<void> {
  const { name, address } = outsideHost
  await changeNetwork({
    ip: [
      `netns add ${name}`,
      `link add ${name} type veth peer name eth0 netns ${name}`,
      `address add ${routerAddress} peer ${address} dev ${name}`,
      `link set ${name} up`,
    ],
  })
  await changeNetwork({
    netns: netnsPath(name),
    ip: [
      'link set lo up',
      `address add ${address} peer ${routerAddress} dev eth0`,
      'link set eth0 up',
      `route add default via ${routerAddress} dev eth0`,
    ],
  })
  const serve = ['perl', join(agentDirectory, 'agnhost'), 'netexec', '--http-port=80', '--udp-port=8081']
  const server = spawn('nsenter', [`--net=${netnsPath(name)}`, '--', ...serve], { stdio: 'ignore' })
  // Without it the host is still there, and whoever asks it hears that nobody listens.
  server.on('error', () => undefined)
}
