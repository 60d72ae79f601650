import { isIP } from 'node:net'
import type { KubernetesObject } from '../kubernetes-object.ts'
import type { NodeShell, Shown } from './node-shell.ts'

/** Where the CNI plugin portmap keeps its rules: a table of its own, or chains among the others of iptables. */
const listings = {
  4: [
    ['nft', 'list', 'table', 'ip', 'cni_hostport'],
    ['iptables-save', '-t', 'nat'],
  ],
  6: [
    ['nft', 'list', 'table', 'ip6', 'cni_hostport'],
    ['ip6tables-save', '-t', 'nat'],
  ],
}

/** The rules of the node that lead its ports to these addresses of a pod, in each family that has any. */
export async function hostPortRules(
  node: NodeShell,
  { spec }: KubernetesObject,
  addresses: string[],
): Promise<Shown[]> {
  const containers: { ports?: { hostPort?: number }[] }[] = spec.containers ?? []
  if (!containers.some(({ ports = [] }) => ports.some(({ hostPort }) => hostPort))) return []
  const found = await Promise.all(addresses.map((address) => rulesTo(node, address)))
  return found.filter((shown) => shown !== null)
}

async function rulesTo(node: NodeShell, address: string): Promise<Shown | null> {
  const family = isIP(address) === 6 ? 6 : 4
  const target = family === 6 ? `[${address}]:` : `${address}:`
  for (const argv of listings[family]) {
    const shown = await node.tryToShow(argv)
    const lines = (shown?.text ?? '').split('\n').filter((line) => leadsTo(line, target))
    if (shown && lines.length > 0) return { ...shown, text: lines.map((line) => line.trim()).join('\n') }
  }
  return null
}

/** `dnat to ADDRESS:PORT`; in iptables a rule of portmap's chains, beside kube-proxy's to the same pod. */
function leadsTo(line: string, target: string): boolean {
  const isPortmap = line.startsWith('-A CNI-') && line.includes(` --to-destination ${target}`)
  return isPortmap || line.includes(` dnat to ${target}`)
}
