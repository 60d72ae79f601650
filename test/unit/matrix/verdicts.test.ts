import { LabError } from '../../../src/errors.ts'
import type { KubeClient } from '../../../src/kube/index.ts'
import { type Cell, type Edge, viewOf } from '../../../src/matrix/index.ts'
import { controlLabel } from '../../../src/matrix/plan.ts'
import { measureRounds } from '../../../src/matrix/rounds.ts'
import { fakeKube, type Network, pod, sampleObjects } from './sample-cluster.ts'

/** Phases 1 and 3 are a pod's questions to itself. */
const alive = (probe: { phase: number }) => probe.phase !== 2
const silent: Network = (_pod, probe) => (alive(probe) ? 'OK' : 'TIMEOUT')

test('an answer is allowed', async () => {
  expect(await verdict('shop/web', () => 'OK')).toEqual(['allowed', 'answered in 3 ms'])
})

test('silence is dropped where the destination itself reports a living listener, before and after', async () => {
  expect(await verdict('shop/web', silent)).toEqual([
    'dropped',
    'no answer in 3 ms, and shop/web TCP/80 answered its own pod before and after',
  ])
})

test.each([
  ['before', 1],
  ['after', 3],
])('silence is unproven where the listener is dead %s', async (_when, phase) => {
  const network: Network = (_pod, probe) =>
    probe.phase === phase ? 'REFUSED' : alive(probe) ? 'OK' : 'TIMEOUT'
  expect(await verdict('shop/web', network)).toEqual([
    'unproven',
    'no answer in 3 ms, but nobody listens at shop/web TCP/80: asked from inside, it is REFUSED',
  ])
})

test('a listener that stops answering during the round is no proof', async () => {
  const network: Network = (_pod, probe) => (probe.phase === 1 ? 'OK' : 'TIMEOUT')
  expect((await verdict('shop/web', network))[0]).toBe('unproven')
})

test('a dead listener is refused, never deny', async () => {
  const [found, reason] = await verdict('shop/web', () => 'REFUSED')
  expect(found).toBe('refused')
  expect(reason).toContain('nobody listens at shop/web TCP/80')
})

test.each(['REFUSED', 'RESET', 'PROHIBITED'] as const)(
  '%s by a living listener is rejected',
  async (outcome) => {
    expect((await verdict('shop/web', (_pod, probe) => (alive(probe) ? 'OK' : outcome)))[0]).toBe('rejected')
  },
)

test('ICMP prohibited with nothing behind it is unproven', async () => {
  expect((await verdict('203.0.113.7', () => 'PROHIBITED'))[0]).toBe('unproven')
})

test('a silent address outside the cluster is unproven', async () => {
  expect(await verdict('203.0.113.7', silent)).toEqual([
    'unproven',
    'no answer in 3 ms, but nothing shows that anybody listens there',
  ])
})

test('a source that is answered in the same round proves a destination that cannot report', async () => {
  const network: Network = (from, probe) => (alive(probe) || from === 'shop/web' ? 'OK' : 'TIMEOUT')
  const edges = [edge('203.0.113.7'), { ...edge('203.0.113.7'), from: 'shop/web' }]
  const [first, second] = await measure(edges, network)
  expect([first!.verdict, second!.verdict]).toEqual(['dropped', 'allowed'])
  expect(first!.reason).toContain('shop/web was answered by it in the same round')
})

test('a control pod proves a destination that cannot report', async () => {
  const control = pod('ztlab-control/probe', { ip: '192.168.0.77', labels: { [controlLabel]: 'true' } })
  const network: Network = (from) => (from === 'ztlab-control/probe' ? 'OK' : 'TIMEOUT')
  const [cell] = await measure([edge('kube-system/dns-1', 'UDP', 53)], network, [...sampleObjects, control])
  expect(cell).toMatchObject({
    verdict: 'dropped',
    reason: expect.stringContaining('control pod ztlab-control/probe'),
  })
})

test('a destination whose image has no prober is not asked, and its silence is unproven', async () => {
  const kube = fakeKube(sampleObjects, silent)
  const [cell] = await measureWith(kube, [edge('kube-system/kube-dns', 'UDP', 53)])
  expect(cell!.verdict).toBe('unproven')
  expect(kube.execs.map(({ pod }) => pod)).toEqual(['client'])
})

test.each([
  ['DNS', 'the name does not resolve: NXDOMAIN'],
  ['DNS-TIMEOUT', 'the DNS server does not answer: NXDOMAIN'],
] as const)('%s is dns-failure, never deny', async (outcome, reason) => {
  const network: Network = (_pod, probe) => (alive(probe) ? 'OK' : [outcome, 'NXDOMAIN'])
  expect(await verdict('name:web', network)).toEqual(['dns-failure', reason])
  expect(await verdict('dns:web', network, 'UDP', 53)).toEqual(['dns-failure', reason])
})

test('a name is dialled as a name, its Service is proven by the pods behind it', async () => {
  const kube = fakeKube(sampleObjects, silent)
  const [cell] = await measureWith(kube, [edge('name:web.shop')])
  expect(cell).toMatchObject({ verdict: 'dropped', reason: expect.stringContaining('shop/web TCP/80') })
  expect(kube.execs.find(({ pod }) => pod === 'client')!.stdin).toBe('p1\t2\ttcp\tweb.shop\t80\t300\n\n')
})

test('a Service is dialled at its address; without endpoints it is refused, whoever refuses', async () => {
  expect((await verdict('svc/shop/web', silent))[0]).toBe('dropped')
  expect(await verdict('svc/shop/empty', () => 'REFUSED')).toEqual([
    'refused',
    'the Service has no ready endpoint',
  ])
})

test('a Service without endpoints has time to refuse the second SYN, too', async () => {
  const kube = fakeKube(sampleObjects, () => 'REFUSED')
  await measureWith(kube, [edge('svc/shop/web'), edge('svc/shop/empty')])
  const { stdin } = kube.execs.find(({ pod }) => pod === 'client')!
  expect(stdin).toBe('p1\t2\ttcp\t10.96.0.2\t80\t300\np2\t2\ttcp\t10.96.0.3\t80\t1250\n\n')
})

test.each([
  ['UNREACHABLE', 'unreachable'],
  ['OTHER', 'error'],
] as const)('%s is %s', async (outcome, expected) => {
  expect((await verdict('shop/web', () => [outcome, 'why']))[0]).toBe(expected)
})

test('a broken exec is an error that keeps its output, and proves nothing for others', async () => {
  const network: Network = () => 'TIMEOUT'
  const kube = fakeKube(sampleObjects, network)
  kube.exec = async () => ({ code: 126, stdout: '', stderr: 'sh: not found' })
  expect(await measureWith(kube, [edge('shop/web')])).toMatchObject([
    { verdict: 'error', reason: 'the prober ended with exit code 126: sh: not found' },
  ])
  kube.exec = async () => {
    throw new LabError({ code: 'cluster-unreachable', message: 'the stream broke off', cause: 'ECONNRESET' })
  }
  expect(await measureWith(kube, [edge('shop/web')])).toMatchObject([
    { verdict: 'error', reason: 'the prober could not run: the stream broke off: ECONNRESET' },
  ])
})

test('a probe that the report leaves out is an error', async () => {
  expect(await verdict('shop/web', () => null)).toEqual([
    'error',
    'the prober in shop/client left this probe out',
  ])
})

test('an interruption is not swallowed', async () => {
  const kube = fakeKube(sampleObjects, silent)
  kube.exec = async () => {
    throw new LabError({ code: 'interrupted', message: 'interrupted' })
  }
  await expect(measureWith(kube, [edge('shop/web')])).rejects.toMatchObject({ code: 'interrupted' })
})

test('what cannot be probed is not-run or unsupported, with the reason', async () => {
  const objects = [...sampleObjects, pod('shop/pending', { ip: null })]
  const cells = await measure(
    [
      edge('shop/nobody'),
      edge('shop/pending'),
      { ...edge('shop/web'), from: 'shop/nobody' },
      edge('svc/shop/nothing'),
      edge('node/node-9'),
      edge('shop/web', 'SCTP', 80),
      edge('shop/web', 'ICMP', 0),
    ],
    silent,
    objects,
  )
  expect(cells.map(({ verdict, reason }) => `${verdict}: ${reason}`)).toEqual([
    'not-run: there is no pod shop/nobody',
    'not-run: pod shop/pending is not running but Pending',
    'not-run: there is no pod shop/nobody',
    'not-run: there is no Service shop/nothing',
    'not-run: there is no node node-9',
    'unsupported: this cluster cannot be probed by SCTP, only by TCP, UDP',
    'unsupported: this cluster cannot be probed by ICMP, only by TCP, UDP',
  ])
})

test('a cell that surprises is asked again; one that differs is flapping', async () => {
  const network: Network = (_pod, probe, round) => (alive(probe) ? 'OK' : round === 1 ? 'TIMEOUT' : 'OK')
  const kube = fakeKube(sampleObjects, network)
  const [cell] = await measureWith(kube, [edge('shop/web')], () => true)
  expect(cell!.verdict).toBe('flapping')
  expect(cell!.reason).toMatch(/^first dropped \(.*\), then allowed \(.*\), with nothing changed between$/)
  expect(kube.execs).toHaveLength(4)
})

test('a surprise that stays is what it is, and there is no third round', async () => {
  const kube = fakeKube(sampleObjects, silent)
  const [cell] = await measureWith(kube, [edge('shop/web')], ({ verdict }) => verdict === 'dropped')
  expect(cell!.verdict).toBe('dropped')
  expect(kube.execs).toHaveLength(4)
})

test('nine pods with six ports, everybody to everybody, take nine execs', async () => {
  const pods = Array.from({ length: 9 }, (_, index) =>
    pod(`shop/p${index}`, { ip: `192.168.1.${index + 1}` }),
  )
  const names = pods.map(({ metadata }) => `shop/${metadata.name}`)
  const edges = names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .flatMap((to) => [80, 81, 82, 83, 84, 85].map((port) => ({ ...edge(to), from, port }))),
  )
  const kube = fakeKube(pods, silent)
  const cells = await measureWith(kube, edges, () => false, pods)
  expect(cells).toHaveLength(432)
  expect(cells.every(({ verdict }) => verdict === 'dropped')).toBe(true)
  expect(kube.execs).toHaveLength(9)
})

function edge(to: string, protocol: Edge['protocol'] = 'TCP', port = 80): Edge {
  return { from: 'shop/client', to, protocol, port }
}

async function verdict(to: string, network: Network, protocol: Edge['protocol'] = 'TCP', port = 80) {
  const [cell] = await measure([edge(to, protocol, port)], network)
  return [cell!.verdict, cell!.reason]
}

function measure(edges: Edge[], network: Network, objects = sampleObjects): Promise<Cell[]> {
  return measureWith(fakeKube(objects, network), edges, () => false, objects)
}

async function measureWith(
  kube: KubeClient,
  edges: Edge[],
  surprises: (cell: Cell) => boolean = () => false,
  objects = sampleObjects,
): Promise<Cell[]> {
  const request = { kube, view: viewOf(objects), edges, timeoutMs: 300, protocols: ['TCP', 'UDP'], surprises }
  return (await measureRounds(request)).cells
}
