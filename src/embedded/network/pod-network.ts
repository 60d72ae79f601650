import { changeNetwork, command, netnsPath } from '../../kernel/index.ts'
import { hostInterface, hostSideMac, type NodeAddresses, podGateway, podMtu } from './addresses.ts'
import { Ipam } from './ipam.ts'
import { routeBlock } from './underlay.ts'

/** How one pod is attached to its node. */
export interface PodAttachment {
  address: string
  /** Host side of the veth pair, in the node's namespace. */
  hostInterface: string
  /** Name of the pod's network namespace below /run/netns. */
  netns: string
}

/** Attaches pods of one node, in the exact shape that Calico's CNI plugin gives them. */
export class PodNetwork {
  private readonly ipam: Ipam

  constructor(
    private readonly node: NodeAddresses,
    nodes: NodeAddresses[],
  ) {
    this.ipam = new Ipam(node, (block) => routeBlock(node, block, nodes))
  }

  /** Makes the pod's network namespace. `sandboxId` names it and must be new. */
  async attach(pod: { namespace: string; name: string }, sandboxId: string): Promise<PodAttachment> {
    const attachment: PodAttachment = {
      address: await this.ipam.allocate(),
      hostInterface: hostInterface(pod.namespace, pod.name),
      netns: `cni-${uuidOf(sandboxId)}`,
    }
    try {
      await changeNetwork({ netns: netnsPath(this.node.name), ip: hostSide(attachment) })
      await changeNetwork({ netns: netnsPath(attachment.netns), ip: podSide(attachment) })
    } catch (error) {
      await this.detach(attachment)
      throw error
    }
    return attachment
  }

  async detach(attachment: PodAttachment): Promise<void> {
    // Deleting one end of the pair deletes both; only then may the address be given to another pod.
    await command(['ip', '-force', '-batch', '-'], {
      netns: netnsPath(this.node.name),
      stdin: `link del ${attachment.hostInterface}\nnetns del ${attachment.netns}\n`,
    }).catch(() => '')
    this.ipam.release(attachment.address)
  }
}

function hostSide({ address, hostInterface, netns }: PodAttachment): string[] {
  return [
    `netns add ${netns}`,
    `link add ${hostInterface} address ${hostSideMac} mtu ${podMtu} type veth peer name eth0 mtu ${podMtu} netns ${netns}`,
    // Otherwise the answer for the next hop comes after a random part of 0.8 s.
    `ntable change name arp_cache dev ${hostInterface} proxy_delay 0`,
    `link set ${hostInterface} up`,
    `route add ${address}/32 dev ${hostInterface} scope link metric 1024`,
  ]
}

function podSide({ address }: PodAttachment): string[] {
  return [
    'link set lo up',
    `address add ${address}/32 dev eth0`,
    'link set eth0 up',
    `route add ${podGateway} dev eth0 scope link`,
    `route add default via ${podGateway} dev eth0`,
  ]
}

/** As container runtimes name it: a UUID. */
function uuidOf(sandboxId: string): string {
  return /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(sandboxId)!.slice(1).join('-')
}
