import {
  buildModel,
  connectionMatrix,
  connectionProtocols,
  evaluate,
  type Flow,
  type Model,
  portSetText,
} from '../../../../src/policy/index.ts'
import { Random, scaled, seeds } from '../../../support/random-policies/random.ts'
import { randomCluster } from '../../../support/random-policies/random-cluster.ts'
import { randomPolicies } from '../../../support/random-policies/random-policies.ts'
import { knp, smallCluster } from '../small-cluster.ts'
import { trickyCases } from '../tricky-cases.ts'

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

test.each(Object.entries(trickyCases))(
  'open ports are those that the engine lets through, tricky case %s',
  (_, one) => {
    const model = buildModel([...smallCluster(), ...one.objects], one.options)
    const { actors, between } = connectionMatrix(model)
    const numbers = [1, 52, 53, 54, 79, 80, 81, 443, 4789, 4790, 8080, 65535]
    for (const [from, { id: source }] of actors.entries())
      for (const [to, { id: destination }] of actors.entries())
        for (const protocol of connectionProtocols) {
          const ports = between(from, to)[protocol]
          const open = numbers.filter((port) =>
            ports.some(({ first, last }) => first <= port && port <= last),
          )
          const passing = numbers.filter((port) => passes(model, { source, destination, protocol, port }))
          if (`${open}` !== `${passing}`)
            throw new Error(`${source} -> ${destination} ${protocol}: open are ${open}, and ${passing} pass`)
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

/** Ends without a common family do not meet. */
function passes(model: Model, flow: Flow): boolean {
  try {
    return evaluate(model, flow).verdict === 'allowed'
  } catch {
    return false
  }
}
