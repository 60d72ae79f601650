import { isIP } from 'node:net'
import { inspectPod } from '../../../src/inspect/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { eventually } from '../../support/eventually.ts'
import type { Part, World } from '../backend.ts'
import { withObjects } from '../measure.ts'
import { podWithPorts, service } from '../workloads.ts'

/** The counter of felix that counts what is dropped for its source address. */
const spoofed = 'guard/egress/spoofed/deny'

/** The network of the embedded cluster, packet by packet, in each of its families; it has a host outside to ask from. */
export const network: Part = (world, { spec }) => {
  const families = { ipv4: [4], ipv6: [6], dual: [4, 6] }[spec.ipFamily ?? 'ipv4']
  const outside: Record<number, string> = { 4: '203.0.113.10', 6: '[2001:db8::10]' }
  const mtu = spec.ipFamily === undefined || spec.ipFamily === 'ipv4' ? 1450 : 1430

  const inPod = async (pod: string, ...command: string[]) =>
    (await world().kube.exec({ namespace: 'shop', pod, command })).stdout.trim()
  const onNode = async (node: string, ...argv: string[]) =>
    (await world().cluster.runOnNode(node, argv, { allowFailure: true })).stdout.trim()
  const fromOutside = (...argv: string[]) =>
    onNode(world().nodes[0]!.name, 'ip', 'netns', 'exec', 'outside', ...argv)
  const fetch = (url: string, seconds = 20) => [
    'timeout',
    String(seconds),
    ...['busybox', 'wget', '-qO-'],
    url,
  ]

  describe.each(families)('IPv%d', (family) => {
    test('a node reaches the pods of every node', async () => {
      const target = await addressOf(world(), 'Pod', 'web', family)
      for (const { name } of world().nodes) {
        expect(await onNode(name, ...fetch(`http://${host(target)}/hostname`))).toBe('web')
      }
    })

    test('what a pod sends outside comes under the address of its node', async () => {
      const { spec } = (await world().kube.get('v1', 'Pod', 'client', 'shop'))!
      const seen = await inPod('client', ...fetch(`http://${outside[family]}/clientip`))
      expect(plain(seen)).toBe(await addressOf(world(), 'Node', spec.nodeName, family))
    })

    test('who comes from outside reaches pods by node ports, under whose address is a matter of policy', async () => {
      const common = { type: 'NodePort', selector: { app: 'web' }, ipFamilies: [`IPv${family}`] }
      const ports = [{ port: 80 }]
      const anywhere = service('shop/anywhere', { ...common, ports })
      const near = service('shop/near', { ...common, ports, externalTrafficPolicy: 'Local' })
      await withObjects(world(), [anywhere, near], async () => {
        const [first, last] = [world().nodes[0]!.name, world().nodes.at(-1)!.name]
        const ask = async (node: string, name: string, seconds?: number) => {
          const address = await addressOf(world(), 'Node', node, family)
          const { nodePort } = (await world().kube.get('v1', 'Service', name, 'shop'))!.spec.ports[0]
          return plain(await fromOutside(...fetch(`http://${host(address)}:${nodePort}/clientip`, seconds)))
        }
        expect(await ask(first, 'anywhere')).not.toBe(plain(`${outside[family]}:0`))
        expect(isIP(await ask(last, 'anywhere'))).toBe(family)
        expect(await ask(first, 'near')).toBe(plain(`${outside[family]}:0`))
        expect(await ask(last, 'near', 1)).toBe('')
        // From within the cluster every node will do.
        const address = await addressOf(world(), 'Node', last, family)
        const { nodePort } = (await world().kube.get('v1', 'Service', 'near', 'shop'))!.spec.ports[0]
        expect(await inPod('client', ...fetch(`http://${host(address)}:${nodePort}/hostname`))).toBe('web')
      })
    })

    test('a host port leads to its pod from outside, from other nodes and from its own, and policies see who asks', async () => {
      const [own, other] = [world().nodes[0]!.name, world().nodes.at(-1)!.name]
      const [address, tunnel] = await nodeAddresses(own, family)
      const landing = podWithPorts('shop/landing', {
        node: own,
        labels: { app: 'landing' },
        ports: [
          [
            { containerPort: 80, hostPort: 18080 },
            { containerPort: 80, hostPort: 18080, protocol: 'UDP' },
          ],
          [{ containerPort: 80, hostPort: 18081, hostIP: address }],
          [{ containerPort: 80, hostPort: 30180 }],
        ],
      })
      const taken = service('shop/taken', {
        type: 'NodePort',
        selector: { app: 'web' },
        ipFamilies: [`IPv${family}`],
        ports: [{ port: 80, nodePort: 30180 }],
      })
      const url = (at: string, port: number, path = 'hostname') => `http://${host(at)}:${port}/${path}`
      const reach = (...at: Parameters<typeof url>) => fetch(url(...at))
      const miss = (...at: Parameters<typeof url>) => fetch(url(...at), 1)
      const policy = (from: string): KubernetesObject => ({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'landing', namespace: 'shop' },
        spec: {
          podSelector: { matchLabels: { app: 'landing' } },
          ingress: [{ from: [{ ipBlock: { cidr: `${from}/${family === 4 ? 32 : 128}` } }] }],
        },
      })
      const outsider = plain(`${outside[family]}:0`)
      await withObjects(world(), [landing], async () => {
        await world().kube.waitReady([landing], { timeoutMs: 30_000 })
        expect(plain(await fromOutside(...reach(address, 18080, 'clientip')))).toBe(outsider)
        for (const node of [own, other]) expect(await onNode(node, ...reach(address, 18080))).toBe('landing')
        expect(await onNode(own, ...reach(tunnel, 18080))).toBe('landing')
        if (family === 4) expect(await onNode(own, ...reach('127.0.0.1', 18080))).toBe('landing')
        expect(await fromOutside(...reach(address, 18081))).toBe('landing')
        expect(await onNode(own, ...miss(tunnel, 18081))).toBe('')
        expect(await fromOutside('perl', '-e', askByUdp, String(family), address, '18080')).toBe('landing')
        expect(await fromOutside(...reach(address, 30180))).toBe('landing')
        await withObjects(world(), [taken], async () => {
          expect(await fromOutside(...reach(address, 30180))).toBe('web')
        })
        await withObjects(world(), [policy(outsider)], async () => {
          expect(await fromOutside(...reach(address, 18080))).toBe('landing')
          expect(await onNode(other, ...miss(address, 18080))).toBe('')
        })
        const [elsewhere] = await nodeAddresses(other, family)
        await withObjects(world(), [policy(elsewhere)], async () => {
          expect(await fromOutside(...miss(address, 18080))).toBe('')
          expect(await onNode(other, ...reach(address, 18080))).toBe('landing')
        })
        await staysOpen({ family, address, port: 18080 }, 'landing', async (goOn) => {
          const beside = podWithPorts('shop/beside', {
            node: own,
            labels: { app: 'beside' },
            ports: [[{ containerPort: 80, hostPort: 18090 }]],
          })
          await withObjects(world(), [beside], async () => {
            await world().kube.waitReady([beside], { timeoutMs: 30_000 })
            expect(await fromOutside(...reach(address, 18090))).toBe('beside')
            await goOn()
          })
        })
      })
      const table = family === 4 ? 'ip' : 'ip6'
      expect(await onNode(own, 'nft', 'list', 'table', table, 'cni_hostport')).not.toContain('chain')
      expect(await fromOutside(...miss(address, 18080))).toBe('')
    }, 240_000)

    test('from outside no pod is reached by its own address', async () => {
      const target = await addressOf(world(), 'Pod', 'web', family)
      expect(await fromOutside(...fetch(`http://${host(target)}/hostname`, 1))).toBe('')
    })

    test(`packets of ${mtu} bytes cross nodes whole, and none that is longer leaves the pod`, async () => {
      const target = await addressOf(world(), 'Pod', 'web', family)
      // Echoed by UDP; without fragments, as IP_MTU_DISCOVER forbids them (ip(7), ipv6(7)).
      const script = `use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6 IPPROTO_IPV6);
        my ($six, $address, $bytes) = @ARGV;
        socket my $socket, $six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0 or die;
        $six ? setsockopt($socket, 41, 23, 2) : setsockopt($socket, 0, 10, 2);
        connect $socket, $six ? pack_sockaddr_in6(80, inet_pton(AF_INET6, $address)) : pack_sockaddr_in(80, inet_aton($address));
        my $payload = 'echo ' . 'x' x ($bytes - ($six ? 48 : 28) - 5);
        defined send $socket, $payload, 0 or print("$!"), exit;
        $SIG{ALRM} = sub { print 'silence'; exit }; alarm 20;
        recv $socket, my $answer, 4096, 0; print length $answer;`
      const send = (bytes: number) =>
        inPod('client', 'perl', '-e', script, family === 6 ? '1' : '', target, String(bytes))
      const headers = family === 6 ? 48 : 28
      expect(await send(mtu)).toBe(String(mtu - headers - 5))
      expect(await send(mtu + 1)).toBe('Message too long')
    })

    test('what a pod sends under an address that is not its own is dropped, and counted', async () => {
      const { cluster, kube } = world()
      const { containers, node } = await inspectPod({ cluster, kube, pod: 'shop/client' })
      const target = await addressOf(world(), 'Pod', 'web', family)
      const borrowed = family === 6 ? 'fd00:dead::1/128' : '10.66.0.1/32'
      const enter = ['nsenter', '-t', String(containers[0]!.pid), '-n', '--']
      const dropped = async () =>
        Number(
          /packets (\d+)/.exec(await onNode(node, 'nft', 'list', 'counter', 'inet', 'calico', spoofed))![1],
        )
      const before = await dropped()
      await onNode(
        node,
        ...enter,
        'ip',
        'address',
        'add',
        borrowed,
        'dev',
        'eth0',
        ...(family === 6 ? ['nodad'] : []),
      )
      const script = `use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6);
        my ($six, $own, $address) = @ARGV;
        my $at = sub { $six ? pack_sockaddr_in6($_[1], inet_pton(AF_INET6, $_[0])) : pack_sockaddr_in($_[1], inet_aton($_[0])) };
        socket my $socket, $six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0 or die;
        bind $socket, $at->($own, 0) or die; send $socket, 'hostname', 0, $at->($address, 80);`
      await onNode(
        node,
        ...[...enter, 'perl', '-e', script, family === 6 ? '1' : '', borrowed.split('/')[0]!, target],
      )
      // The kernel may take a packet up after whoever sent it has ended.
      await eventually(async () => expect(await dropped()).toBeGreaterThan(before))
      expect(await dropped()).toBe(before + 1)
      await onNode(node, ...enter, 'ip', 'address', 'del', borrowed, 'dev', 'eth0')
    })

    test('a port that its Service does not have is refused', async () => {
      const extra = service('shop/extra', {
        selector: { app: 'web' },
        ipFamilies: [`IPv${family}`],
        ports: [{ port: 80 }],
      })
      await withObjects(world(), [extra], async () => {
        const address = host(await addressOf(world(), 'Service', 'extra', family))
        const connect = (port: number) =>
          inPod(
            'client',
            'sh',
            '-c',
            '/agnhost connect "$0" --timeout=20s 2>&1 || true',
            `${address}:${port}`,
          )
        expect(await connect(80)).toBe('')
        expect(await connect(81)).toBe('REFUSED')
      })
    })
  })

  /** Opens a connection from outside, and asks by it who is there no sooner than `meanwhile` says. */
  async function staysOpen(
    to: { family: number; address: string; port: number },
    name: string,
    meanwhile: (goOn: () => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const folder = await onNode(world().nodes[0]!.name, 'mktemp', '-d')
    const asked = fromOutside('perl', '-e', askLater, ...[to.family, to.address, to.port].map(String), folder)
    await eventually(async () => expect(await fromOutside('ls', folder)).toBe('open'))
    await meanwhile(async () => {
      await fromOutside('touch', `${folder}/go-on`)
      expect(await asked).toBe(name)
    })
    await fromOutside('rm', '-r', folder)
  }

  /** Those of one family: of its link to the other nodes, and of its tunnel. */
  async function nodeAddresses(node: string, family: number): Promise<[string, string]> {
    const device = family === 4 ? 'vxlan.calico' : 'vxlan-v6.calico'
    const [found]: { addr_info: { family: string; scope: string; local: string }[] }[] = JSON.parse(
      await onNode(node, 'ip', '-json', 'addr', 'show', 'dev', device),
    )
    const own = found!.addr_info.find(
      ({ scope, ...each }) => scope === 'global' && isIP(each.local) === family,
    )!
    return [await addressOf(world(), 'Node', node, family), own.local]
  }

  test('a pod reaches the API by its Service, with its own token', async () => {
    const { cluster, kube } = world()
    const { containers } = await inspectPod({ cluster, kube, pod: 'shop/client' })
    const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
    const [ca, token] = await Promise.all(
      ['ca.crt', 'token'].map((file) => inPod('client', 'cat', `${folder}/${file}`)),
    )
    const { clusterIP } = (await kube.get('v1', 'Service', 'kubernetes', 'default'))!.spec
    // No image has a client for TLS: this machine's Node is run in the pod's network namespace.
    const script = `const [ca, token, host] = process.argv.slice(1)
      require('node:https').get({ host, ca, path: '/api/v1/namespaces/shop', headers: { authorization: 'Bearer ' + token } },
        (answer) => answer.on('data', (part) => process.stdout.write(part)))
        .on('error', (error) => process.stdout.write(String(error)))`
    const enter = [
      'nsenter',
      '-t',
      String(containers[0]!.pid),
      '-n',
      '--',
      process.execPath,
      '-e',
      script,
      '--',
    ]
    const { spec } = (await kube.get('v1', 'Pod', 'client', 'shop'))!
    const answer = await onNode(spec.nodeName, ...enter, ca!, token!, clusterIP)
    expect(JSON.parse(answer)).toMatchObject({ kind: 'Namespace', metadata: { name: 'shop' } })
  })
}

/** What the pod that is asked by UDP calls itself; waits for it as long as the test may last. */
const askByUdp = `use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6);
  my ($family, $address, $port) = @ARGV;
  my $six = $family == 6;
  socket my $socket, $six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0 or die;
  connect $socket, $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address)) : pack_sockaddr_in($port, inet_aton($address));
  send $socket, 'hostname', 0; recv $socket, my $answer, 4096, 0; print $answer;`

/** Says in a folder that its connection is open, waits there for a word to go on, and then asks. */
const askLater = `use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 AF_INET6);
  my ($family, $address, $port, $folder) = @ARGV;
  my $six = $family == 6;
  alarm 120;
  socket my $socket, $six ? AF_INET6 : AF_INET, SOCK_STREAM, 0 or die;
  connect $socket, $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address)) : pack_sockaddr_in($port, inet_aton($address)) or die;
  open my $file, '>', "$folder/open" or die;
  select undef, undef, undef, 0.05 until -e "$folder/go-on";
  syswrite $socket, "GET /hostname HTTP/1.1\\r\\nHost: node\\r\\nConnection: close\\r\\n\\r\\n";
  local $/; my ($head, $body) = split /\\r\\n\\r\\n/, <$socket>; print $body;`

/** The address of an object of the shop, or of a node, in one family. */
async function addressOf({ kube }: World, kind: string, name: string, family: number): Promise<string> {
  const { spec, status } = (await kube.get('v1', kind, name, kind === 'Node' ? undefined : 'shop'))!
  const all: string[] = {
    Pod: () => status.podIPs.map(({ ip }: { ip: string }) => ip),
    Node: () => status.addresses.map(({ address }: { address: string }) => address),
    Service: () => spec.clusterIPs,
  }[kind as 'Pod' | 'Node' | 'Service']()
  return all.find((address) => isIP(address) === family)!
}

function host(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address
}

/** The address of `address:port` or `[address]:port`. */
function plain(text: string): string {
  return text.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
}
