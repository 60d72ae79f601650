import { connect, createServer } from 'node:net'
import type { IpVersion } from '../../cidr.ts'
import { underlayGateways } from './addresses.ts'

/** Where the nodes find the API server, as the Service `kubernetes` says it: in the first of the cluster's families. */
export function apiEndpoint([family]: IpVersion[]): { address: string; port: number } {
  return { address: underlayGateways[family!], port: 6443 }
}

/**
 * Passes on what comes to the API server's address on the nodes' wire. The server itself lives outside, on a loopback
 * that nothing in here reaches: `socketPath` is its Unix socket, which speaks TLS and wants a token.
 */
export function startApiRelay(socketPath: string, families: IpVersion[]): Promise<void> {
  const server = createServer((client) => {
    const api = connect(socketPath)
    client.pipe(api).pipe(client)
    for (const [one, other] of [
      [client, api],
      [api, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  })
  const { address, port } = apiEndpoint(families)
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(port, address, () => resolve())
  })
}
