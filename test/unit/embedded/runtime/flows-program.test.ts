import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../../../src/exec.ts'
import {
  type NetworkNamespace,
  openNetworkNamespace,
  testInNamespaces,
} from '../../../support/network-namespace.ts'

const program = readFileSync(
  join(import.meta.dirname, '../../../../src/embedded/runtime/agent/flows.pl'),
  'utf8',
)

const rules = `table inet t {
  chain output {
    type filter hook output priority filter
    udp dport 99 log prefix "allow 0 np/shop/${'n'.repeat(90)}" group 2
    udp dport 99 log prefix "pending deny end snp/shop/web" group 1 drop
  }
}
`

/** Where IPv6 is off, there is no such address. */
const addresses = ['127.0.0.1', ...(existsSync('/proc/net/if_inet6') ? ['::1'] : [])]

testInNamespaces('each packet that a rule logs is a line, of either family', ['nft', 'perl'], async () => {
  const node = await openNetworkNamespace()
  await node.run(['ip', 'link', 'set', 'lo', 'up'])
  await node.run(['nft', '-f', '-'], rules)
  const lines = await linesOf(node, 1 + 2 * addresses.length, async () => {
    for (const address of addresses) await send(node, address)
  })
  const packets = addresses.map((address) => `${address} ${address} 17 4000 99`)
  const of = (group: number) => lines.filter((line) => line.startsWith(`${group} `))
  expect(of(2)).toEqual(packets.map((packet) => `2 3 ${packet} allow 0 np/shop/${'n'.repeat(90)}`))
  expect(of(1)).toEqual(packets.map((packet) => `1 3 ${packet} pending deny end snp/shop/web`))
})

testInNamespaces('a group has one reader, and is free when that has gone', ['nft', 'perl'], async () => {
  const node = await openNetworkNamespace()
  await linesOf(node, 1, async () => {
    const argv = [...node.enter, 'perl', '-', '1', '2']
    const second = await run(argv, { stdin: program, allowFailure: true })
    expect(second.stderr).toMatch(/^group 2 of the kernel's packet log belongs to another reader/)
    expect(second.code).not.toBe(0)
  })
  expect(await linesOf(node, 1, async () => {})).toEqual(['listening'])
})

/** As many lines as are waited for, and any that come with them. */
async function linesOf(node: NetworkNamespace, count: number, act: () => Promise<void>): Promise<string[]> {
  const [command, ...words] = [...node.enter, 'perl', '-', '60', '1', '2']
  const child = spawn(command!, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  const lines = () => output.split('\n').filter(Boolean)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  // It may end without having read it.
  child.stdin.on('error', () => undefined)
  child.stdin.end(program)
  await once(child.stdout, 'data')
  await act()
  // Empty lines come where nothing has for 250 ms.
  while (lines().length < count || !output.endsWith('\n\n')) await once(child.stdout, 'data')
  child.stdout.destroy()
  await once(child, 'exit')
  return lines()
}

async function send(node: NetworkNamespace, address: string): Promise<void> {
  const script = `use Socket qw(:DEFAULT inet_pton);
    my ($address) = @ARGV; my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    my $name = sub { my ($port, $bytes) = @_;
      $family == AF_INET ? pack_sockaddr_in($port, $bytes) : Socket::pack_sockaddr_in6($port, $bytes) };
    my $bytes = inet_pton($family, $address);
    socket(my $socket, $family, SOCK_DGRAM, 0); bind($socket, $name->(4000, $bytes)) or die $!;
    send($socket, 'x', 0, $name->(99, $bytes))`
  await node.run(['perl', '-e', script, address])
}
