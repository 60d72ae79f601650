import type { IpVersion } from '../../cidr.ts'
import type { NftTable } from '../../kernel/index.ts'
import type { HostPort } from './host-port.ts'

/** Family and name of the table, as the CNI plugin `portmap` calls it. */
export function hostPortTable(family: IpVersion): string {
  return `${ipOf(family)} cni_hostport`
}

/**
 * The host ports of one node in one family, with the names and the meaning of the CNI plugin `portmap` (nftables, `snat`).
 * Nothing where the node has none. Policy sees the pod's address and port, and the client's own address: destination NAT
 * happens before the forward hook, and the source stays what it is but for whom the answer would not reach.
 */
export function renderHostPorts(ports: HostPort[], family: IpVersion, node: string): NftTable {
  const rules: NftTable = { counters: new Map(), sets: new Map(), chains: new Map() }
  const own = ports.filter((port) => port.family === family && port.node === node)
  if (own.length === 0) return rules
  const add = (name: string, lines: string[], hook?: string) =>
    rules.chains.set(name, { hook: hook && `type nat hook ${hook}; policy accept;`, lines })
  const toNode = ['fib daddr type local jump hostports']
  // After kube-proxy's, so that the node port of a Service keeps its number: the first translation is the only one.
  add('prerouting', toNode, 'prerouting priority -99')
  add('output', toNode, 'output priority -99')
  add('masquerading', masquerading(own, family), 'postrouting priority srcnat')
  add('hostports', own.map(translation))
  return rules
}

function translation(port: HostPort): string {
  const { family, hostIp, protocol, hostPort, address, containerPort } = port
  const only = hostIp === null ? '' : `${ipOf(family)} daddr ${hostIp} `
  const target = family === 4 ? address : `[${address}]`
  return `${only}${protocol} dport ${hostPort} dnat to ${target}:${containerPort} ${commentOf(port)}`
}

/** A pod that dials its own port, and the node's loopback: their answers would never come back to be translated. */
function masquerading(ports: HostPort[], family: IpVersion): string[] {
  const ip = ipOf(family)
  const pods = new Map(ports.map((port) => [port.address, port]))
  return [...pods].flatMap(([address, port]) =>
    [address, ...(family === 4 ? ['127.0.0.1'] : [])].map(
      (source) => `${ip} saddr ${source} ${ip} daddr ${address} masquerade ${commentOf(port)}`,
    ),
  )
}

/** nftables refuses comments over 128 bytes. */
function commentOf({ pod }: HostPort): string {
  return `comment "${pod.length <= 100 ? pod : `${pod.slice(0, 97)}...`}"`
}

function ipOf(family: IpVersion): string {
  return family === 4 ? 'ip' : 'ip6'
}
