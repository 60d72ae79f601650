import { iptablesRules, nftRules } from '../../../src/inspect/rules.ts'

const table = `table inet calico {
\tcounter np/shop/web/ingress/0/allow {
\t\tpackets 12 bytes 900
\t}
\tchain filter-cali-tw-cali111 {
\t\tct state established,related accept
\t\tmeta mark & 0x00020000 == 0 jump filter-cali-pi-np/shop/web
\t\tcounter packets 3 bytes 180 drop
\t}
\tchain filter-cali-tw-cali222 {
\t\tjump filter-cali-pi-other
\t}
\tchain filter-cali-pi-np/shop/web {
\t\ttcp dport 80 counter name "np/shop/web/ingress/0/allow" accept
\t}
\tchain filter-cali-pi-other {
\t\taccept
\t}
}
`

test('nft: the chains of the interface and those they lead to, with their packets, and no other', () => {
  expect(nftRules(table, 'cali111')).toEqual([
    { chain: 'filter-cali-tw-cali111', rule: 'ct state established,related accept', packets: null },
    {
      chain: 'filter-cali-tw-cali111',
      rule: 'meta mark & 0x00020000 == 0 jump filter-cali-pi-np/shop/web',
      packets: null,
    },
    { chain: 'filter-cali-tw-cali111', rule: 'counter packets 3 bytes 180 drop', packets: 3 },
    {
      chain: 'filter-cali-pi-np/shop/web',
      rule: 'tcp dport 80 counter name "np/shop/web/ingress/0/allow" accept',
      packets: 12,
    },
  ])
})

const saved = `:cali-fw-cali111 - [0:0]
:cali-po-x - [0:0]
:cali-fw-cali222 - [0:0]
[66:3224] -A cali-fw-cali111 -m comment --comment "cali:vqgw" -m mark --mark 0x0/0x20000 -j cali-po-x
[1:60] -A cali-fw-cali222 -j DROP
[91:4448] -A cali-po-x -m comment --comment "cali:GILP" -m comment --comment "name=r0" -j ACCEPT
`

test('iptables: the same, without the hashes that say nothing to a reader', () => {
  expect(iptablesRules(saved, 'cali111')).toEqual([
    { chain: 'cali-fw-cali111', rule: '-m mark --mark 0x0/0x20000 -j cali-po-x', packets: 66 },
    { chain: 'cali-po-x', rule: '-m comment --comment "name=r0" -j ACCEPT', packets: 91 },
  ])
})

test('no rules are found where there are none', () => {
  expect(nftRules('', 'cali111')).toEqual([])
  expect(iptablesRules('*filter\n:INPUT ACCEPT [0:0]\n', 'cali111')).toEqual([])
})
