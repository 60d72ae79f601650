import {
  buildModel,
  connectionMatrix,
  connectionProtocols,
  evaluate,
  portSetText,
} from '../../../../src/policy/index.ts'
import { Random, scaled, seeds } from '../../../support/random-policies/random.ts'
import { randomCluster } from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'
import { knp, smallCluster } from '../small-cluster.ts'

test.each(seeds)(
  'open ports are those that the engine lets through, on random policy sets, seed %i',
  (seed) => {
    const random = new Random(seed)
    for (let set = 0; set < scaled(30); set++) {
      const model = buildModel([...randomCluster(random), ...randomPolicies(random)])
      const { actors, between } = connectionMatrix(model)
      for (let index = 0; index < 60; index++) {
        const [from, to] = [random.below(actors.length), random.below(actors.length)]
        const protocol = random.pick(connectionProtocols)
        const near = random.pick([53, 80, 81, 443, 4789]) + random.below(3) - 1
        const port = random.chance(0.2) ? 1 + random.below(65535) : near
        const open = between(from, to)[protocol].some(({ first, last }) => first <= port && port <= last)
        const ends = { source: actors[from]!.id, destination: actors[to]!.id }
        const { verdict } = evaluate(model, { ...ends, protocol, port })
        expect({ set, ...ends, protocol, port, open }).toEqual({
          set,
          ...ends,
          protocol,
          port,
          open: verdict === 'allowed',
        })
      }
    }
  },
)

test('ranges, named ports and single ports come out exactly', () => {
  const ports = [
    { port: 8000, endPort: 8100 },
    { port: 'http' },
    { port: 8101 },
    { port: 53, protocol: 'UDP' },
  ]
  const policy = knp({ podSelector: {}, ingress: [{ ports }] })
  const { actors, between } = connectionMatrix(buildModel([...smallCluster(), policy]))
  const place = (name: string) => actors.findIndex(({ id }) => id === name)
  const text = (from: string, to: string) =>
    Object.entries(between(place(from), place(to))).map(
      ([protocol, ports]) => `${protocol} ${portSetText(ports)}`,
    )
  expect(text('x/b', 'x/a')).toEqual(['TCP 80,8000-8101', 'UDP 53', 'SCTP none'])
  expect(text('x/a', 'x/b')).toEqual(['TCP 8000-8101', 'UDP 53', 'SCTP none'])
  expect(text('x/a', 'y/c')).toEqual(['TCP all', 'UDP 1-4788,4790-65535', 'SCTP all'])
  expect(text('x/a', 'x/a')).toEqual(['TCP all', 'UDP all', 'SCTP all'])
})
