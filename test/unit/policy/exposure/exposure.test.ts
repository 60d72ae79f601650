import { type Exposed, exposureOf, portSetText } from '../../../../src/policy/index.ts'
import { knp, make, smallCluster } from '../small-cluster.ts'

const labels = { matchLabels: { app: 'a' } }

test('anyone comes first, then those who are treated differently', () => {
  const ingress = [
    { from: [{ podSelector: { matchLabels: { role: 'client' } } }], ports: [{ port: 80 }] },
    { from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }], ports: [{ port: 81 }] },
    {
      from: [
        {
          namespaceSelector: {},
          podSelector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['1', '2'] }] },
        },
      ],
      ports: [{ port: 82 }],
    },
  ]
  const { pods, problems } = exposureOf([...smallCluster(), knp({ podSelector: labels, ingress })])
  expect(problems).toEqual([])
  const a = pods.find(({ names }) => names.includes('x/a'))!
  expect(a.ingress.map(told)).toEqual([
    ['a new namespace', 'TCP none'],
    ['in y', 'a new namespace with team=b', 'TCP 81'],
    ['role=client in x', 'TCP 80'],
    ['tier=1 a new namespace', 'tier=2 a new namespace', 'TCP 82'],
  ])
  expect(a.egress.map(told)).toEqual([
    ['a new namespace', 'TCP all'],
    ['app=a in x', 'TCP none'],
  ])
})

test('policies that would govern a newcomer count', () => {
  const policy = knp({ podSelector: { matchLabels: { app: 'new' } }, policyTypes: ['Egress'] })
  const { pods } = exposureOf([make('v1', 'Namespace', { name: 'x' }), ...smallCluster(), policy])
  expect(pods[0]!.ingress.map(told)).toEqual([
    ['a new namespace', 'TCP all'],
    ['app=new in x', 'TCP none'],
  ])
})

test('it is told of the pods that are given, and of no newcomer', () => {
  const { pods } = exposureOf([...smallCluster(), knp({ podSelector: labels, ingress: [{}] })])
  expect(pods.flatMap(({ names }) => names).sort()).toEqual(['x/a', 'x/b', 'x/h', 'x/h2', 'y/c'])
  expect(pods.every(({ names }) => names.length > 0)).toBe(true)
})

test('newcomers are told apart by every protocol', () => {
  const rule = (role: string, tcp: number, udp: number) => ({
    from: [{ podSelector: { matchLabels: { role } } }],
    ports: [{ port: tcp }, { protocol: 'UDP', port: udp }],
  })
  const ingress = [rule('one', 1, 23), rule('two', 12, 3)]
  const { pods } = exposureOf([...smallCluster(), knp({ podSelector: labels, ingress })])
  const a = pods.find(({ names }) => names.includes('x/a'))!
  expect(a.ingress.map(told)).toEqual([
    ['a new namespace', 'TCP none'],
    ['role=one in x', 'TCP 1'],
    ['role=two in x', 'TCP 12'],
  ])
})

test('newcomers have no address: blocks that could hold it are a problem', () => {
  const ingress = [{ from: [{ ipBlock: { cidr: '10.0.0.0/24' } }] }]
  const objects = [...smallCluster(), knp({ podSelector: labels, ingress })]
  expect(exposureOf(objects)).toMatchObject({
    pods: [],
    problems: [expect.stringMatching(/^new pods: no address, and 10\.0\.0\.0\/24 /)],
  })
  expect(exposureOf(objects, { podNet: '10.244.0.0/16' }).problems).toEqual([])
  const bare = make('v1', 'Pod', { name: 'bare', namespace: 'x' })
  const own = exposureOf([...objects, bare]).problems
  expect(own).toEqual([expect.stringMatching(/^x\/bare: no address, and 10\.0\.0\.0\/24 /)])
})

function told({ newcomers, open }: Exposed): string[] {
  const texts = newcomers.map(({ namespace, namespaceLabels, labels }) => {
    const own = Object.entries(labels).map((pair) => pair.join('='))
    const spaces = Object.entries(namespaceLabels).map((pair) => pair.join('='))
    const where =
      namespace === null
        ? ['a new namespace', ...(spaces.length > 0 ? [`with ${spaces}`] : [])]
        : [`in ${namespace}`]
    return [...own, ...where].join(' ')
  })
  return [...texts, `TCP ${portSetText(open.TCP)}`]
}
