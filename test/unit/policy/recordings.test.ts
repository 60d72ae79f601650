import { buildModel, evaluate } from '../../../src/policy/index.ts'
import { clusterOf, flowOf, readRecording } from './recordings.ts'

describe.each([
  ['calico-matrices.json', 3240],
  ['calico-matrices-rich.json', 4136],
])('real Calico in %s', (file, cellCount) => {
  const recording = readRecording(file)
  const cluster = clusterOf(recording)

  test(`has ${cellCount} measured cells`, () => {
    const rows = recording.scenarios.flatMap(({ cells }) => Object.values(cells))
    expect(rows.flatMap((row) => Object.keys(row))).toHaveLength(cellCount)
  })

  test.each(recording.scenarios.map((scenario) => [scenario.id, scenario] as const))(
    'scenario %s is predicted cell by cell',
    (_, { policies, cells }) => {
      const model = buildModel([...cluster, ...policies])
      expect(model.unsupported).toEqual([])
      const wrong = Object.entries(cells).flatMap(([from, row]) =>
        Object.entries(row).flatMap(([cell, measured]) => {
          const { verdict, reason } = evaluate(model, flowOf(from, cell))
          return (verdict === 'allowed') === (measured === 'allowed')
            ? []
            : [`${from} ${cell} ${measured}: ${reason}`]
        }),
      )
      expect(wrong).toEqual([])
    },
  )
})
