import { applyNft } from '../../kernel/index.ts'

/**
 * Calico's natOutgoing: what a pod sends to an address outside the pool leaves the node under the node's address. What a
 * node itself sends to another node's pods leaves under the address of its tunnel, so that the answer comes back by it.
 */
export async function outgoingNat(netns: string, pool: string): Promise<void> {
  await applyNft(
    `table ip calico {
  chain nat-POSTROUTING {
    type nat hook postrouting priority 110; policy accept;
    jump nat-cali-nat-outgoing
  }
  chain nat-cali-nat-outgoing {
    ip saddr ${pool} ip daddr != ${pool} oifname != "cali*" counter masquerade
    oifname "vxlan.calico" fib saddr . oif type != local fib saddr type local counter masquerade
  }
}
`,
    netns,
  )
}
