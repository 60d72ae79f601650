import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A port of the loopback that refuses whoever comes. It is held for as long as the test takes: nobody else gets it. */
export interface ClosedPort {
  port: number
  /** From now on it takes connections. */
  listen(): void
}

const held: (() => void)[] = []
afterEach(() => {
  for (const release of held.splice(0)) release()
})

/** Bound in both families, and not listened at. */
export async function closedTcpPort(): Promise<ClosedPort> {
  const child = spawn('perl', ['-e', holder], { stdio: ['pipe', 'pipe', 'inherit'] })
  held.push(() => child.stdin.end())
  const [said] = await once(child.stdout, 'data')
  return { port: Number(said), listen: () => child.stdin.write('listen\n') }
}

/** Bound, and connected to itself: what others send is for nobody. */
export async function closedUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  held.push(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return port
}

/** Node binds nothing without listening. Says the number of the port, and ends with its standard input. */
const holder = `use strict; use Socket qw(:DEFAULT IPPROTO_IPV6 IPV6_V6ONLY);
  my $socket;
  if (socket $socket, AF_INET6, SOCK_STREAM, 0) {
    setsockopt $socket, IPPROTO_IPV6, IPV6_V6ONLY, 0;
    bind $socket, pack_sockaddr_in6(0, "\\0" x 16) or die "bind: $!\\n";
  } else {
    socket $socket, AF_INET, SOCK_STREAM, 0 or die "socket: $!\\n";
    bind $socket, pack_sockaddr_in(0, INADDR_LOOPBACK) or die "bind: $!\\n";
  }
  my $name = getsockname $socket;
  my ($port) = sockaddr_family($name) == AF_INET ? unpack_sockaddr_in($name) : unpack_sockaddr_in6($name);
  $| = 1; print "$port\\n";
  while (<STDIN>) { listen $socket, 9 }`
