import type { LabelClass } from '../../../../src/policy/model/endpoint.ts'
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

describe('only the classes are asked that can be selected:', () => {
  const eq = (label: string, value: string): Selector => ({ op: '==', label, value })
  const oneOf = (label: string, ...values: string[]): Selector => ({ op: 'in', label, values })
  const and = (...operands: Selector[]): Selector => ({ op: 'and', operands })
  const or = (...operands: Selector[]): Selector => ({ op: 'or', operands })
  const hasApp: Selector = { op: 'has', label: 'app' }

  test.each<[string, Selector, number]>([
    ['those with a value', eq('app', '5'), 1],
    ['none without it', eq('app', 'none'), 0],
    ['those with some value', oneOf('app', '5', '6', '5', 'none'), 2],
    ['of two terms those of the narrower', and(eq('half', 'a'), eq('app', '6')), 1],
    ['in either order', and(eq('app', '6'), eq('half', 'a')), 1],
    ['a list is as wide as its values', and(oneOf('app', '1', '2', '3'), oneOf('third', '0')), 3],
    ['a wide list is wide', and(oneOf('half', 'a', 'b'), eq('third', '0')), 10],
    ['a term in a term', and(eq('half', 'a'), and(eq('third', '0'), eq('app', '6'))), 1],
    [
      'a term that is narrow by one of its own',
      and(eq('third', '0'), and(hasApp, oneOf('app', '6', '9'))),
      2,
    ],
    ['what either term selects, once', or(eq('app', '5'), oneOf('app', '6', '5')), 2],
    [
      'alternatives are as wide as both',
      and(or(eq('app', '5'), eq('app', '6')), oneOf('app', '6', '7', '8')),
      2,
    ],
    ['wide alternatives are wide', and(or(eq('half', 'a'), eq('half', 'b')), eq('third', '0')), 10],
    ['all where one alternative can be anything', or(eq('app', '5'), hasApp), 30],
    ['all where no value is named', hasApp, 30],
    ['not what another term narrows', and(hasApp, eq('app', '5')), 1],
  ])('%s', (_, selector, count) => {
    let asked = new Set<LabelClass>()
    const classes = Array.from({ length: 30 }, (_, index) => {
      const values = { app: `${index}`, half: index % 2 ? 'b' : 'a', third: `${index % 3}` }
      const one: LabelClass = { namespace: 'x', labels: new Map(), endpoints: [] }
      one.labels = new AskedLabels(Object.entries(values), () => asked.add(one))
      return one
    })
    const index = new LabelIndex(classes)
    index.selected(eq('app', '0'))
    asked = new Set()
    index.selected(selector)
    expect(asked.size).toBe(count)
  })
})

class AskedLabels extends Map<string, string> {
  constructor(
    entries: [string, string][],
    private readonly onAsked: () => void,
  ) {
    super(entries)
  }

  override get(label: string): string | undefined {
    this.onAsked()
    return super.get(label)
  }

  override has(label: string): boolean {
    this.onAsked()
    return super.has(label)
  }
}

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
