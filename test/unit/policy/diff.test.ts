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
    [['x/h', 'x/h2'], ['x/a'], 'none', '80'],
    [['y/c'], ['x/a'], 'none', '80'],
  ])
  expect([diff.openedEdges, diff.closedEdges]).toEqual([1, 3])
  expect(diff.changes[0]!.example).toMatchObject({ from: 'x/b', to: 'x/a', protocol: 'TCP', port: 81 })
  expect(diff.changes[0]!.example.before).toMatch(/^denied: ingress of x\/a: end of tier default/)
  expect(diff.changes[0]!.example.after).toMatch(
    /^allowed: .*rule 0 \(allow\) of Kubernetes NetworkPolicy x\/k/,
  )
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

function text({ TCP }: Connections): string {
  return portSetText(TCP)
}
