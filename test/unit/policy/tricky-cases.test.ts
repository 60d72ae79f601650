import { buildModel, evaluate } from '../../../src/policy/index.ts'
import { flow, smallCluster } from './small-cluster.ts'
import { trickyCases } from './tricky-cases.ts'

describe('tricky cases', () => {
  test.each(Object.entries(trickyCases).map(([number, one]) => [number, one.title, one] as const))(
    '%s: %s',
    (_number, _title, { objects, options, allowed = [], denied = [] }) => {
      const model = buildModel([...smallCluster(), ...objects], options)
      expect(model.unsupported.filter((text) => text.includes('not valid'))).toEqual([])
      const wrong = (texts: string[], wanted: string) =>
        texts.flatMap((text) => {
          const { verdict, reason } = evaluate(model, flow(text))
          return verdict === wanted ? [] : [`${text}: not ${wanted}: ${reason}`]
        })
      expect([...wrong(allowed, 'allowed'), ...wrong(denied, 'denied')]).toEqual([])
    },
  )
})
