import { applyNft } from '../../kernel/index.ts'

/** Calico's natOutgoing: what a pod sends to an address outside the pool leaves the node under the node's address. */
export async function outgoingNat(netns: string, pool: string): Promise<void> {
  await applyNft(
    `table ip calico {
  chain nat-POSTROUTING {
    type nat hook postrouting priority 110; policy accept;
    jump nat-cali-nat-outgoing
  }
  chain nat-cali-nat-outgoing {
    ip saddr ${pool} ip daddr != ${pool} oifname != "cali*" counter masquerade
  }
}
`,
    netns,
  )
}
