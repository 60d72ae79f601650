import { buildModel, type Connections, diffModels, portSetText } from '../../../src/policy/index.ts'
import { knp, pod, smallCluster } from './small-cluster.ts'

const model = (...objects: Parameters<typeof buildModel>[0]) => buildModel([...smallCluster(), ...objects])
const toA = (ingress: unknown[]) => knp({ podSelector: { matchLabels: { app: 'a' } }, ingress })

test('equal models differ in nothing', () => {
  const diff = diffModels(model(toA([])), model(toA([])))
  expect(diff).toEqual({ changes: [], added: [], removed: [], openedEdges: 0, closedEdges: 0 })
})

test('what opens and what closes is told by class, with ports and an example of why', () => {
  const diff = diffModels(
    model(toA([{ ports: [{ port: 80 }] }])),
    model(toA([{ from: [{ podSelector: {} }], ports: [{ port: 80, endPort: 90 }] }])),
  )
  expect(diff.changes.map(({ from, to, opened, closed }) => [from, to, text(opened), text(closed)])).toEqual([
    [['x/b'], ['x/a'], '81-90', 'none'],
    // x/h is on the node of x/a, which always reaches its own pods.
    [['x/h2'], ['x/a'], 'none', '80'],
    [['y/c'], ['x/a'], 'none', '80'],
  ])
  expect([diff.openedEdges, diff.closedEdges]).toEqual([1, 2])
  expect(diff.changes[0]!.example).toMatchObject({ from: 'x/b', to: 'x/a', protocol: 'TCP', port: 81 })
  expect(diff.changes[0]!.example.before).toMatch(/^denied: ingress of x\/a: end of tier default/)
  expect(diff.changes[0]!.example.after).toMatch(
    /^allowed: .*rule 0 \(allow\) of Kubernetes NetworkPolicy x\/k/,
  )
})

test('what a node sends to its own pods does not change, what it sends to others does', () => {
  const deny = knp({ podSelector: { matchLabels: { run: 'web' } }, ingress: [] })
  const labels = { run: 'web' }
  const web = [1, 2].map((index) => pod(`x/web${index}`, `n${index}`, { labels, address: `10.0.${index}.9` }))
  const { changes, closedEdges } = diffModels(model(...web), model(...web, deny))
  const ofHosts = changes.filter(({ from }) => from.some((id) => id.startsWith('x/h')))
  expect(ofHosts.map(({ from, to }) => [from, to])).toEqual([
    [['x/h'], ['x/web2']],
    [['x/h2'], ['x/web1']],
  ])
  for (const { example } of ofHosts) expect(example.after).toMatch(/^denied/)
  expect(closedEdges).toBe(10)
})

test('where Calico drops what pods send to their own node, that is no change either', () => {
  const open = [knp({ podSelector: { matchLabels: { app: 'a' } }, egress: [{}], policyTypes: ['Egress'] })]
  const shut = [knp({ podSelector: { matchLabels: { app: 'a' } }, policyTypes: ['Egress'] })]
  const strict = (policies: typeof open) =>
    buildModel([...smallCluster(), ...policies], { endpointToHost: 'drop' })
  const { changes } = diffModels(strict(open), strict(shut))
  expect(changes.map(({ from, to }) => [from, to])).toEqual([
    [['x/a'], ['x/b']],
    [['x/a'], ['x/h2']],
    [['x/a'], ['y/c']],
  ])
})

test('only some ports, if so wanted', () => {
  const only: Connections = { TCP: [{ first: 80, last: 80 }], UDP: [], SCTP: [] }
  const [before, after] = [model(toA([{ ports: [{ port: 80 }] }])), model(toA([{ ports: [{ port: 81 }] }]))]
  const [change] = diffModels(before, after, only).changes
  expect([text(change!.opened), text(change!.closed)]).toEqual(['none', '80'])
})

test('pods of one side only are named and not compared', () => {
  const extra = pod('x/extra', 'n1', { address: '10.0.1.9' })
  expect(diffModels(model(), model(extra))).toMatchObject({ changes: [], added: ['x/extra'], removed: [] })
  expect(diffModels(model(extra), model())).toMatchObject({ changes: [], added: [], removed: ['x/extra'] })
})

test('every pair of different pods counts, those of one class with each other too', () => {
  const labels = { app: 'r' }
  const replicas = [1, 2, 3].map((index) => pod(`x/r${index}`, 'n1', { labels, address: `10.0.1.2${index}` }))
  const within = (ingress: object[]) =>
    knp({
      podSelector: { matchLabels: labels },
      ingress: [...ingress, { from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }],
    })
  const closed = model(...replicas, within([]))
  const open = model(...replicas, within([{ from: [{ podSelector: { matchLabels: labels } }] }]))
  const { changes, openedEdges, closedEdges } = diffModels(closed, open)
  const names = ['x/r1', 'x/r2', 'x/r3']
  expect(changes.map(({ from, to }) => [from, to])).toEqual([[names, names]])
  expect([openedEdges, closedEdges]).toEqual([6, 0])
  expect(changes[0]!.example).toMatchObject({ from: 'x/r1', to: 'x/r2', protocol: 'TCP', port: 1 })
  expect(diffModels(open, closed)).toMatchObject({ openedEdges: 0, closedEdges: 6 })
})

test('a class that is alone has no edge to itself', () => {
  const other = knp({ podSelector: {}, policyTypes: ['Ingress'] })
  const { changes } = diffModels(model(), model(other))
  expect(
    changes.filter(({ from, to }) => from.includes('x/a') && to.length === 1 && to[0] === 'x/a'),
  ).toEqual([])
})

test('a change of another protocol is told under it', () => {
  const udp = (port: number) => toA([{ ports: [{ protocol: 'UDP', port }] }])
  const [change] = diffModels(model(udp(53)), model(udp(54))).changes
  expect(portSetText(change!.opened.UDP)).toBe('54')
  expect(portSetText(change!.closed.UDP)).toBe('53')
  expect([text(change!.opened), portSetText(change!.closed.SCTP)]).toEqual(['none', 'none'])
  expect(change!.example).toMatchObject({ protocol: 'UDP', port: 54 })
})

function text({ TCP }: Connections): string {
  return portSetText(TCP)
}
