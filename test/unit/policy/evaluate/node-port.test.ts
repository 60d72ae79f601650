import { addresses, ask, calico, gnp, knp } from '../small-cluster.ts'

const tunnels = { n1: '10.0.1.0', n2: '10.0.2.0' }
const pool = calico(
  'IPPool',
  { name: 'pool' },
  { cidr: '10.0.0.0/16', vxlanMode: 'Always', natOutgoing: true },
)
const block = (address: string) => ({ ipBlock: { cidr: `${address}/32` } })
const toApp = (app: string) => ({ podSelector: { matchLabels: { app } }, namespaceSelector: {} })

/** Who of these is let into the destination when it lets in nobody else. */
function sourceSeen(text: string): string[] {
  const candidates = { ...addresses, 'tunnel of n1': tunnels.n1, 'tunnel of n2': tunnels.n2 }
  const [namespace, app] = / -> (\S+)\/(\S+) /.exec(text)!.slice(1)
  return Object.entries(candidates).flatMap(([name, address]) => {
    const policy = knp(
      { podSelector: { matchLabels: { app } }, ingress: [{ from: [block(address)] }] },
      'only',
      namespace,
    )
    return ask([pool, policy], text).verdict === 'allowed' ? [name] : []
  })
}

describe('the source that a pod sees behind a port of a node', () => {
  test.each([
    ['x/a -> y/c TCP/80 via service', 'x/a'],
    // Its own node translates, and takes its place towards the other node.
    ['x/a -> y/c TCP/80 via n1:30080', 'tunnel of n1'],
    // What leaves for a node goes under the own node's address.
    ['x/a -> y/c TCP/80 via n2:30080', 'n1'],
    ['x/a -> x/b TCP/8080 via n1:30080', 'x/a'],
    ['x/a -> x/b TCP/8080 via n2:30080', 'tunnel of n2'],
    ['x/a -> x/a TCP/80 via n1:30080', 'x/a'],
    ['x/a -> x/a TCP/80 via n2:30080', 'tunnel of n2'],
    ['outside -> x/a TCP/80 via n1:30080', 'outside'],
    ['outside -> x/a TCP/80 via n2:30080', 'tunnel of n2'],
    ['x/h -> y/c TCP/80 via n1:30080', 'tunnel of n1'],
    ['x/h -> y/c TCP/80 via n2:30080', 'n1'],
    ['x/h -> x/a TCP/80 via n2:30080', 'tunnel of n2'],
  ])('%s: %s', (text, seen) => {
    expect(sourceSeen(text)).toEqual([seen])
  })

  test('a node reaches its own pods by its own ports, whatever their policies', () => {
    expect(ask([pool, knp({ ingress: [] })], 'x/h -> x/a TCP/80 via n1:30080').verdict).toBe('allowed')
  })
})

describe('the destination that the policies of the source see', () => {
  const onlyTo = (peer: object, port: number) =>
    knp({ policyTypes: ['Egress'], egress: [{ to: [peer], ports: [{ port }] }] })

  test.each([
    ['x/a -> y/c TCP/80 via n1:30080', onlyTo(toApp('c'), 80)],
    ['x/a -> x/b TCP/8080 via n1:30080', onlyTo(toApp('b'), 8080)],
    ['x/a -> y/c TCP/80 via n2:30080', onlyTo(block(addresses.n2), 30080)],
    ['x/a -> x/b TCP/8080 via n2:30080', onlyTo(block(addresses.n2), 30080)],
  ])('%s', (text, policy) => {
    const others = [toApp('c'), toApp('b'), block(addresses.n1), block(addresses.n2)]
      .flatMap((peer) => [80, 8080, 30080].map((port) => onlyTo(peer, port)))
      .filter((other) => JSON.stringify(other) !== JSON.stringify(policy))
    expect(ask([pool, policy], text).verdict).toBe('allowed')
    for (const other of others) expect(ask([pool, other], text).verdict).toBe('denied')
  })
})

describe('HostEndpoints on the way', () => {
  const hep = calico(
    'HostEndpoint',
    { name: 'n2-eth0', labels: { host: 'n2' } },
    {
      node: 'n2',
      interfaceName: 'eth0',
      expectedIPs: [addresses.n2],
      profiles: ['projectcalico-default-allow'],
    },
  )
  const denying = (port: number, spec: object) =>
    gnp({
      selector: "host == 'n2'",
      ...spec,
      ingress: [{ action: 'Deny', protocol: 'TCP', destination: { ports: [port] } }, { action: 'Allow' }],
    })
  const early = { preDNAT: true, applyOnForward: true }
  const onForward = { applyOnForward: true }
  const ways = [
    'outside -> y/c TCP/80 via n2:30080',
    'outside -> x/b TCP/80 via n2:30080',
    'outside -> x/b TCP/80 via n1:30080',
    'x/a -> x/b TCP/80 via n2:30080',
    'x/a -> y/c TCP/80 via n1:30080',
  ]
  const denied = (policy: object) =>
    ways.filter((way) => ask([pool, hep, policy as typeof hep], way).verdict === 'denied')

  test('a pre-DNAT policy closes the port of its node, whoever is behind it', () => {
    expect(denied(denying(30080, early))).toEqual([ways[0], ways[1], ways[3]])
    expect(denied(denying(80, early))).toEqual([])
  })

  test('a policy on forwarded traffic sees the port of the pod', () => {
    expect(denied(denying(80, onForward))).toEqual([ways[0], ways[1], ways[3]])
    expect(denied(denying(30080, onForward))).toEqual([])
  })
})

test('a port of its own node leads a pod to a host-network pod there as if it went to its own node', () => {
  const drop = { endpointToHost: 'drop' } as const
  expect(ask([pool], 'x/a -> x/h TCP/80 via n1:30080', drop).verdict).toBe('denied')
  expect(ask([pool], 'x/a -> x/h TCP/80 via n2:30080', drop).verdict).toBe('allowed')
})
