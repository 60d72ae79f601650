import { readdir } from 'node:fs/promises'
import type { IpVersion } from '../../cidr.ts'
import { changeNetwork, command, netnsDirectory, netnsPath } from '../../kernel/index.ts'
import {
  addressBits,
  hostInterface,
  hostSideMac,
  type NodeAddresses,
  podGateways,
  podMtu,
  underlayAddress,
} from './addresses.ts'
import { Ipam } from './ipam.ts'
import { routeBlock } from './underlay.ts'

/** How one pod is attached to its node. */
export interface PodAttachment {
  /** One of each family of the cluster, in its order. */
  addresses: string[]
  /** Host side of the veth pair, in the node's namespace. */
  hostInterface: string
  /** Name of the pod's network namespace below /run/netns. */
  netns: string
}

/** Attaches pods of one node, in the exact shape that Calico's CNI plugin gives them. */
export class PodNetwork {
  private readonly ipams: Ipam[]

  constructor(
    private readonly node: NodeAddresses,
    nodes: NodeAddresses[],
  ) {
    this.ipams = node.families.map(
      (family) => new Ipam(node, family, (block) => routeBlock(node, block, nodes)),
    )
  }

  /** Makes the pod's network namespace. `sandboxId` names it and must be new. */
  async attach(pod: { namespace: string; name: string }, sandboxId: string): Promise<PodAttachment> {
    const attachment: PodAttachment = {
      addresses: await this.allocate(),
      hostInterface: hostInterface(pod.namespace, pod.name),
      netns: `cni-${uuidOf(sandboxId)}`,
    }
    const { families, name } = this.node
    try {
      await changeNetwork({ netns: netnsPath(name), ip: hostSide(attachment, this.node) })
      await changeNetwork({ netns: netnsPath(attachment.netns), ip: podSide(attachment, families) })
    } catch (error) {
      await this.detach(attachment)
      throw error
    }
    return attachment
  }

  /** Takes over an attachment that another process has made. */
  adopt({ addresses }: PodAttachment): void {
    for (const [index, address] of addresses.entries()) this.ipams[index]!.take(address)
  }

  /** Keeps new pods from addresses that others had before the node went down, as long as there are more. */
  retire(addresses: string[]): void {
    for (const ipam of this.ipams) for (const address of addresses) ipam.retire(address)
  }

  async detach(attachment: PodAttachment): Promise<void> {
    // Deleting one end of the pair deletes both; only then may the address be given to another pod. The pod's own end: on
    // the node a pod that has come after it under its name has a link of the same name.
    await command(['ip', '-force', '-batch', '-'], {
      netns: netnsPath(attachment.netns),
      stdin: `link del eth0\nnetns del ${attachment.netns}\n`,
    }).catch(() => '')
    this.release(attachment.addresses)
  }

  /** One address of each family, or none. */
  private async allocate(): Promise<string[]> {
    const addresses: string[] = []
    try {
      for (const ipam of this.ipams) addresses.push(await ipam.allocate())
      return addresses
    } catch (error) {
      this.release(addresses)
      throw error
    }
  }

  private release(addresses: string[]): void {
    for (const [index, address] of addresses.entries()) this.ipams[index]!.release(address)
  }
}

/** Removes pods' network namespaces whose names are not known, with their links: whoever began to make them is gone. */
export async function removeOtherNetworks(known: Set<string>): Promise<void> {
  const names = await readdir(netnsDirectory)
  const others = names.filter((name) => name.startsWith('cni-') && !known.has(name))
  if (others.length === 0) return
  const lines = others.map((name) => `netns del ${name}\n`).join('')
  await command(['ip', '-force', '-batch', '-'], { stdin: lines }).catch(() => '')
}

function hostSide(
  { addresses, hostInterface, netns }: PodAttachment,
  { families, number }: NodeAddresses,
): string[] {
  const mtu = podMtu(families)
  return [
    `netns add ${netns}`,
    `link add ${hostInterface} address ${hostSideMac} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${netns}`,
    // Otherwise the answer for the next hop comes after a random part of 0.8 s.
    `ntable change name arp_cache dev ${hostInterface} proxy_delay 0`,
    `link set ${hostInterface} up`,
    ...addresses.map((address, index) => {
      const family = families[index]!
      // Of several addresses IPv6 would choose the one most like the pod's, which is the tunnel's and not what the pod
      // has asked (felix's deviceRouteSourceAddressIPv6).
      const more = family === 4 ? 'scope link' : `src ${underlayAddress(number, family)}`
      return `route add ${address}/${addressBits[family]} dev ${hostInterface} ${more} metric 1024`
    }),
  ]
}

function podSide({ addresses }: PodAttachment, families: IpVersion[]): string[] {
  return [
    'link set lo up',
    ...addresses.map((address, index) => {
      // Nobody else can have it, and without `nodad` it could not be used for a second.
      const noDad = families[index] === 6 ? ' nodad' : ''
      return `address add ${address}/${addressBits[families[index]!]} dev eth0${noDad}`
    }),
    'link set eth0 up',
    ...families.flatMap((family) => [
      ...(family === 4 ? [`route add ${podGateways[family]} dev eth0 scope link`] : []),
      `route add default via ${podGateways[family]} dev eth0`,
    ]),
  ]
}

/** As container runtimes name it: a UUID. */
function uuidOf(sandboxId: string): string {
  return /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(sandboxId)!.slice(1).join('-')
}
