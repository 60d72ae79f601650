import type { IpVersion } from '../../cidr.ts'
import { podNetworks, tunnels } from './addresses.ts'

/**
 * Calico's natOutgoing: what a pod sends to an address outside the pool leaves the node under the node's address. What a
 * node itself sends to another node's pods leaves under the address of its tunnel, so that the answer comes back by it.
 */
export function outgoingNat(family: IpVersion): string {
  const ip = family === 4 ? 'ip' : 'ip6'
  const pool = podNetworks[family]
  return `table ${ip} calico {
  chain nat-POSTROUTING {
    type nat hook postrouting priority 110; policy accept;
    jump nat-cali-nat-outgoing
  }
  chain nat-cali-nat-outgoing {
    ${ip} saddr ${pool} ${ip} daddr != ${pool} oifname != "cali*" counter masquerade
    oifname "${tunnels[family].device}" fib saddr . oif type != local fib saddr type local counter masquerade
  }
}
`
}
