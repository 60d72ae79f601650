import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { diff, interfaceName, readCounterName, render } from '../../../../src/embedded/felix/index.ts'
import { run } from '../../../../src/exec.ts'
import { movedCounters, readCounters, startCapture } from '../../../support/capture.ts'
import {
  type NetworkNamespace,
  openNetworkNamespace,
  testInNamespaces,
} from '../../../support/network-namespace.ts'
import { chain, endpoint, peer, profileChains, rule, ruleTable, tier } from './rule-table.ts'

const web = '192.168.0.3'
const client = '192.168.0.2'
const programs = ['nft', 'ip', 'perl']

testInNamespaces(
  'an allowed SYN is seen at both ends, a denied one at the source alone',
  programs,
  async () => {
    const lab = await wire()
    expect(await lab.connect(80)).toEqual({
      connected: true,
      atSource: true,
      atDestination: true,
      denies: [],
      moved: ['np/lab/allow-web/egress/0/allow', 'np/lab/allow-web/ingress/0/allow'],
    })
    expect(await lab.connect(82)).toEqual({
      connected: false,
      atSource: true,
      atDestination: false,
      denies: ['pod/lab/client/egress/tier/default/deny'],
      moved: ['pod/lab/client/egress/tier/default/deny'],
    })
  },
)

testInNamespaces(
  'a packet that its source may send is stopped by the destination, one counter says so',
  programs,
  async () => {
    const lab = await wire()
    expect(await lab.connect(81)).toEqual({
      connected: false,
      atSource: true,
      atDestination: false,
      denies: ['pod/lab/web/ingress/tier/default/deny'],
      moved: ['np/lab/allow-web/egress/0/allow', 'pod/lab/web/ingress/tier/default/deny'],
    })
  },
)

testInNamespaces('with an emptied table nothing is stopped', programs, async () => {
  const lab = await wire({ empty: true })
  expect(await lab.connect(82)).toMatchObject({ atSource: true, atDestination: true, moved: [] })
})

testInNamespaces(
  'an interface of no known endpoint is cut off, and so is a forged source',
  programs,
  async () => {
    const lab = await wire({ unknown: 'lab/client' })
    expect(await lab.connect(80)).toMatchObject({
      atDestination: false,
      moved: ['guard/egress/unknown-interface/deny'],
    })
    await lab.client.run(['ip', 'address', 'add', '192.168.0.77/32', 'dev', 'eth0'])
    await lab.client.run([
      'ip',
      'route',
      'replace',
      web,
      'via',
      '169.254.1.1',
      'dev',
      'eth0',
      'src',
      '192.168.0.77',
    ])
    expect(await lab.connect(80)).toMatchObject({
      atDestination: false,
      moved: ['guard/egress/spoofed/deny'],
    })
  },
)

testInNamespaces(
  'a pod reaches its node as its egress allows; the node reaches its pods always',
  programs,
  async () => {
    const lab = await wire()
    const before = await readCounters(lab.node.enter)
    expect(await dial(lab.client, `${nodeAddress}:80`)).toBe('timeout')
    const between = await readCounters(lab.node.enter)
    expect(movedCounters(before, between)).toEqual(['pod/lab/client/egress/tier/default/deny'])
    expect(await dial(lab.node, `${web}:80`)).toBe('connected')
    expect(movedCounters(between, await readCounters(lab.node.enter))).toEqual(['guard/ingress/host/allow'])
  },
)

const nodeAddress = '172.18.0.2'

/** Both pods may talk on port 80; on 81 the client may send, but the web server may not receive. */
function rules() {
  const ports = (first: number, last: number) => peer({ inSets: ['web'], ports: [{ first, last }] })
  const allow = 'np/lab/allow-web'
  const deny = 'np/lab/default-deny'
  return ruleTable({
    addressSets: [{ id: 'web', text: 'app == "web"', cidrs: [`${web}/32`] }],
    chains: [
      ...profileChains('lab'),
      chain(deny, 'ingress', []),
      chain(deny, 'egress', []),
      chain(allow, 'ingress', [rule('allow', { protocol: 6, destination: ports(80, 80) })]),
      chain(allow, 'egress', [rule('allow', { protocol: 6, destination: ports(80, 81) })]),
    ],
    endpoints: [
      endpoint('lab/web', { address: web, ingress: [tier('default', [allow, deny])] }),
      endpoint('lab/client', {
        address: client,
        ingress: [tier('default', [deny])],
        egress: [tier('default', [allow, deny])],
      }),
    ],
  })
}

interface Lab {
  node: NetworkNamespace
  client: NetworkNamespace
  connect(port: number): Promise<object>
}

/** One node and two pods, joined as the pod network joins them, under the rules as felix renders them. */
async function wire({ empty = false, unknown = '' } = {}): Promise<Lab> {
  const node = await openNetworkNamespace()
  await node.run(['sh', '-e', '-c', `ip link set lo up; ip address add ${nodeAddress}/32 dev lo`])
  const [source, destination] = await Promise.all([
    pod(node, 'lab/client', client),
    pod(node, 'lab/web', web),
  ])
  const table = rules()
  const endpoints = table.endpoints.filter((known) => known.endpoint !== unknown)
  await node.run(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
  await node.run(['nft', '-f', '-'], diff(null, render({ ...table, endpoints }, 'node-1', { empty })))
  await listen(destination)
  return { node, client: source, connect: (port) => attempt({ node, source, destination, port }) }
}

async function pod(node: NetworkNamespace, name: string, address: string): Promise<NetworkNamespace> {
  const namespace = await openNetworkNamespace(node)
  const veth = interfaceName(name)
  const mac = `02:00:00:00:00:0${address.at(-1)}`
  await node.run([
    'sh',
    '-e',
    '-c',
    `ip link add ${veth} address ee:ee:ee:ee:ee:ee type veth peer name eth0 address ${mac} netns ${namespace.pid}
     ip link set ${veth} up
     ip route add ${address} dev ${veth} scope link src ${nodeAddress}
     ip neighbour add ${address} lladdr ${mac} dev ${veth} nud permanent`,
  ])
  await namespace.run([
    'sh',
    '-e',
    '-c',
    `ip link set lo up
     ip address add ${address}/32 dev eth0
     ip link set eth0 up
     ip route add 169.254.1.1 dev eth0 scope link
     ip route add default via 169.254.1.1 dev eth0
     ip neighbour add 169.254.1.1 lladdr ee:ee:ee:ee:ee:ee dev eth0 nud permanent`,
  ])
  return namespace
}

/** A listener on port 80; it ends when its namespace's holder does, or with this process. */
async function listen(namespace: NetworkNamespace): Promise<void> {
  const script = `use IO::Socket::INET; use IO::Select;
    my $server = IO::Socket::INET->new(LocalPort => 80, Listen => 9, ReuseAddr => 1) or die $@;
    $| = 1; print "ready\\n"; my $wait = IO::Select->new($server, \\*STDIN);
    while (1) { for my $ready ($wait->can_read) { exit if $ready == \\*STDIN; $server->accept } }`
  const argv = [...namespace.enter, 'perl', '-e', script]
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  namespace.onClose(() => child.stdin!.end())
}

async function attempt({
  node,
  source,
  destination,
  port,
}: {
  node: NetworkNamespace
  source: NetworkNamespace
  destination: NetworkNamespace
  port: number
}): Promise<object> {
  const captures = await Promise.all([source, destination].map(({ enter }) => startCapture(enter, 'eth0')))
  const before = await readCounters(node.enter)
  const outcome = await dial(source, `${web}:${port}`)
  const moved = movedCounters(before, await readCounters(node.enter))
  const [atSource, atDestination] = await Promise.all(
    captures.map(async (capture) => (await capture.stop()).some((syn) => syn.destinationPort === port)),
  )
  const denies = moved.filter((name) => readCounterName(name)?.action === 'deny')
  return { connected: outcome === 'connected', atSource, atDestination, denies, moved }
}

async function dial(from: NetworkNamespace, target: string): Promise<string> {
  const script = `use IO::Socket::INET; my $peer = IO::Socket::INET->new(PeerAddr => shift, Timeout => 0.3);
    print $peer ? "connected" : $@ =~ /timed? ?out/i ? "timeout" : "refused"`
  return (await run([...from.enter, 'perl', '-e', script, target])).stdout
}
