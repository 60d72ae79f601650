import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openNetworkNamespace, testInNamespaces } from '../../../support/network-namespace.ts'

const agnhost = join(import.meta.dirname, '../../../../src/embedded/runtime/agent/agnhost')

/** A DNS server that answers a second late, with 127.0.0.1. */
const late = String.raw`
use Socket; $| = 1;
socket S, AF_INET, SOCK_DGRAM, 0; bind S, pack_sockaddr_in(53, inet_aton('127.0.0.1')) or die $!; print "ready\n";
while (my $from = recv S, my $query, 512, 0) {
  select undef, undef, undef, 1;
  substr($query, 2, 2) = "\x81\x80"; substr($query, 6, 2) = "\0\1";
  send S, "$query\xc0\x0c\0\1\0\1\0\0\0\5\0\4\x7f\0\0\1", 0, $from;
}`

const script = `mount --bind "$0/resolv.conf" /etc/resolv.conf && ip link set lo up
perl -e "$1" >"$0/said" & server=$!
until grep -q ready "$0/said" || ! kill -0 $server; do sleep 0.02; done
perl "$2" probe; kill $server`

testInNamespaces(
  'a name that is foreseen to resolve has a time of its own, and the connection all of its own',
  ['ip', 'mount'],
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ztlab-names-'))
    writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n')
    const namespace = await openNetworkNamespace()
    // Port 1 of that loopback is nobody's.
    const plan = 'patient\t1\ttcp\tlate.\t1\t300\tsilent\t30000\nhasty\t1\ttcp\tlate.\t1\t300\n'
    const said = await namespace.run(['unshare', '--mount', 'sh', '-c', script, folder, late, agnhost], plan)
    expect(said).toMatch(/^patient\tREFUSED\t/m)
    expect(said).toMatch(/^hasty\tDNS-TIMEOUT\t/m)
    rmSync(folder, { recursive: true })
  },
)
