import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'
import { lint, lintRules } from '../../../../src/policy/index.ts'
import { expectGolden } from '../../../support/golden.ts'
import { smallCluster } from '../small-cluster.ts'
import { variants } from './variants.ts'

test('every rule has variants of its examples', () => {
  const ids = lintRules.map(({ id }) => id)
  expect(Object.keys(variants).filter((id) => !ids.includes(id))).toEqual([])
  expect(ids.filter((id) => !(id in variants))).toEqual([])
})

test.each(Object.entries(variants))('%s: what it finds in variants of its examples', (id, ofRule) => {
  const told = Object.entries(ofRule).map(([title, objects]) => [title, ...found(id, objects)].join('\n  '))
  expectGolden(`lint/variants/${id}.txt`, `${told.join('\n')}\n`)
})

function found(id: string, objects: KubernetesObject[]): string[] {
  const rules = lintRules.filter((rule) => rule.id === id)
  const { findings } = lint([...smallCluster(), ...objects], { rules })
  return findings.map(({ object, path, message, fix }) => {
    const own = fix === rules[0]!.fix ? '' : ` (${fix})`
    return `${object.kind} ${object.name} ${path.join('.')}: ${message}${own}`
  })
}
