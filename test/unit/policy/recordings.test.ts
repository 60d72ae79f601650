import { buildModel, evaluate } from '../../../src/policy/index.ts'
import { clusterOf, flowOf, readRecording } from './recordings.ts'

describe.each(['calico-matrices.json', 'calico-matrices-rich.json'])('real Calico in %s', (file) => {
  const recording = readRecording(file)
  const cluster = clusterOf(recording)

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
