import { LabelIndex } from '../../../../src/policy/model/label-index.ts'
import { compileSelector, type Selector } from '../../../../src/policy/selector.ts'
import { Random, scaled, seeds } from '../../../support/random-policies/random.ts'

const labels = ['a', 'b', 'c']
const values = ['1', '2', '3']

test.each(seeds)('the index finds what every class, asked one by one, says; seed %i', (seed) => {
  const random = new Random(seed)
  const classes = Array.from({ length: 60 }, () => ({
    namespace: 'x',
    labels: new Map(labels.filter(() => random.chance(0.6)).map((label) => [label, random.pick(values)])),
    endpoints: [],
  }))
  const index = new LabelIndex(classes)
  for (let round = 0; round < scaled(500); round++) {
    const selector = randomSelector(random, 3)
    const selects = compileSelector(selector)
    const found = index.selected(selector)
    expect(new Set(found)).toEqual(new Set(classes.filter((one) => selects(one.labels))))
    expect(new Set(found).size).toBe(found.length)
  }
})

function randomSelector(random: Random, depth: number): Selector {
  const label = random.pick(labels)
  const leaves: Selector[] = [
    { op: 'all' },
    { op: 'has', label },
    { op: '==', label, value: random.pick(values) },
    { op: '!=', label, value: random.pick(values) },
    { op: 'in', label, values: [random.pick(values), random.pick(values)] },
    { op: 'not in', label, values: [random.pick(values)] },
  ]
  if (depth === 0 || random.chance(0.3)) return random.pick(leaves)
  const inner = () => randomSelector(random, depth - 1)
  return random.pick<() => Selector>([
    () => ({ op: 'and', operands: [inner(), inner(), inner()] }),
    () => ({ op: 'or', operands: [inner(), inner()] }),
    () => ({ op: 'not', operand: inner() }),
  ])()
}
