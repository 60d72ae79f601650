import { lint } from '../../../../src/policy/index.ts'
import { expectGolden } from '../../../support/golden.ts'
import { smallCluster } from '../small-cluster.ts'
import { trickyCases } from '../tricky-cases.ts'

/** Finds something in every one of these small sets, and says nothing of what they are about. */
const ofTheWhole = 'namespace-without-default-deny'

test('what is said of every tricky case', () => {
  const told = Object.entries(trickyCases).map(([number, { title, objects }]) => {
    const found = lint([...smallCluster(), ...objects]).findings.filter(({ rule }) => rule !== ofTheWhole)
    const lines = found.map(
      ({ rule, object, path, message }) =>
        `  ${rule}: ${object.kind} ${object.name} ${path.join('.')}: ${message}`,
    )
    return [`${number}: ${title}`, ...lines].join('\n')
  })
  expectGolden('lint/tricky-cases.txt', `${told.join('\n')}\n`)
})
