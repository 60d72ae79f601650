import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { diff, interfaceName, type Rendering, readCounterName } from '../../../../src/embedded/felix/index.ts'
import { type Capture, movedCounters, readCounters, startCapture } from '../../../support/capture.ts'
import { type NetworkNamespace, openNetworkNamespace } from '../../../support/network-namespace.ts'

export const client = '192.168.0.2'
export const web = '192.168.0.3'
export const nodeAddress = '172.18.0.2'

/** What wired pods need of a machine. */
export const programs = ['nft', 'ip', 'perl']

export interface WiredPods {
  node: NetworkNamespace
  client: NetworkNamespace
  /** Turns the rules in force into these. */
  program(next: Rendering): Promise<void>
  /** One TCP connect from client to web, seen from outside. */
  connect(port: number): Promise<Attempt>
}

export interface Attempt {
  connected: boolean
  /** Whether the SYN was seen at the client's, and at the web server's end. */
  atSource: boolean
  atDestination: boolean
  /** Counters that moved, and those among them whose action is deny. */
  moved: string[]
  denies: string[]
}

/** One node with the pods lab/client and lab/web (listening on 80), joined as the pod network joins them. */
export async function wirePods(): Promise<WiredPods> {
  const node = await openNetworkNamespace()
  await node.run(['sh', '-e', '-c', `ip link set lo up; ip address add ${nodeAddress}/32 dev lo`])
  const [source, destination] = await Promise.all([
    pod(node, 'lab/client', client),
    pod(node, 'lab/web', web),
  ])
  await node.run(['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
  await listen(destination)
  let current: Rendering | null = null
  return {
    node,
    client: source,
    async program(next) {
      await node.run(['nft', '-f', '-'], diff(current, next))
      current = next
    },
    connect: (port) => attempt({ node, source, destination, port }),
  }
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
}): Promise<Attempt> {
  const [near, far] = await Promise.all([
    startCapture(source.enter, 'eth0'),
    startCapture(destination.enter, 'eth0'),
  ])
  const saw = async (capture: Capture) => (await capture.stop()).some((syn) => syn.destinationPort === port)
  const before = await readCounters(node.enter)
  const outcome = await dial(source, `${web}:${port}`, { node, before })
  const moved = movedCounters(before, await readCounters(node.enter))
  const [atSource, atDestination] = await Promise.all([saw(near), saw(far)])
  const denies = moved.filter((name) => readCounterName(name)?.action === 'deny')
  return { connected: outcome === 'connected', atSource, atDestination, denies, moved }
}

export interface Watched {
  node: NetworkNamespace
  /** Its counters before anybody dialled. */
  before: Map<string, number>
}

/** How long a connection may take that comes although a denial has been counted. */
const afterDenialMs = 250
const betweenLooksMs = 50

/** `connected`, `timeout` or `refused`. Nobody gives up before the node has counted a denial: a SYN may be on its way. */
export async function dial(from: NetworkNamespace, target: string, watched: Watched): Promise<string> {
  const script = `use IO::Socket::INET; use IO::Select;
    my $peer = IO::Socket::INET->new(PeerAddr => shift, Blocking => 0);
    if (!$peer) { print "refused"; exit }
    my ($given_up, $answered) = IO::Select::select(IO::Select->new(\\*STDIN), IO::Select->new($peer), undef);
    print !@$answered ? "timeout" : $peer->connected ? "connected" : "refused"`
  const [command, ...words] = [...from.enter, 'perl', '-e', script, target]
  const child = spawn(command!, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const outcome = text(child.stdout)
  const isOverIn = (timeMs: number) => Promise.race([outcome.then(() => true), sleep(timeMs, false)])
  while (!(await isOverIn(betweenLooksMs)) && !(await hasDenied(watched))) {
    // On its way.
  }
  await isOverIn(afterDenialMs)
  child.stdin.end()
  return outcome
}

/** In earnest: what is staged or pending denies nothing. */
async function hasDenied({ node, before }: Watched): Promise<boolean> {
  const moved = movedCounters(before, await readCounters(node.enter)).map(readCounterName)
  return moved.some(
    (each) => each?.action === 'deny' && ['rule', 'end-of-tier', 'profile', 'guard'].includes(each.kind),
  )
}
