import { LabError } from '../errors.ts'
import type { Veth } from './inspection.ts'

/** What `ip -j addr` says of one interface, as far as it is read here. */
export interface Link {
  ifindex: number
  ifname: string
  /** Set where the other end is in another network namespace. */
  link_index?: number
  /** Set instead where `ip` could name the other end. */
  link?: string
  addr_info?: { local: string; prefixlen: number }[]
}

/** Matches the pod's end of a veth with the node's: each carries the other's index. Pure. */
export function vethPair(podLinks: Link[], nodeLinks: Link[], pod: string): Veth {
  const podEnd = podLinks.find(({ ifname }) => ifname === 'eth0')
  const nodeEnd = nodeLinks.find(
    ({ ifindex, link_index: other }) =>
      ifindex === podEnd?.link_index && (other ?? podEnd.ifindex) === podEnd.ifindex,
  )
  if (podEnd && nodeEnd) {
    return {
      podInterface: podEnd.ifname,
      podIndex: podEnd.ifindex,
      nodeInterface: nodeEnd.ifname,
      nodeIndex: nodeEnd.ifindex,
    }
  }
  throw new LabError({
    code: 'unsupported',
    message: `${pod} has no veth pair`,
    cause: podEnd
      ? `no interface of the node has index ${podEnd.link_index}`
      : 'it has no eth0; host network?',
    hint: 'choose a pod with a network of its own',
  })
}
