import { readdirSync } from 'node:fs'
import { listTemplates, loadTemplate, renderTemplate } from '../../../src/lab/templates/index.ts'
import { admit, formatProblem } from '../../../src/policy/index.ts'
import { expectGolden } from '../../support/golden.ts'

const renderings: [name: string, variant: string, values: Record<string, unknown>][] = [
  ['default-deny', 'calico', { namespace: 'shop' }],
  ['default-deny', 'kubernetes', { namespace: 'shop', api: 'kubernetes' }],
  ['default-deny', 'global', { api: 'global' }],
  ['allow-dns', 'calico', { namespace: 'shop' }],
  ['allow-dns', 'kubernetes', { namespace: 'shop', api: 'kubernetes' }],
  ['allow-web', 'both', { namespace: 'shop', server: { app: 'web' }, client: { app: 'client' } }],
  [
    'allow-web',
    'ingress',
    {
      namespace: 'shop',
      server: { app: 'web', tier: 'front' },
      client: { app: 'client' },
      ports: [80, 443],
      sides: 'ingress',
    },
  ],
]

test.each(renderings)('policies/%s renders as its golden file: %s', (name, variant, values) => {
  expectGolden(
    `render/${name}.${variant}.yaml`,
    renderTemplate(loadTemplate(name, ['policies']), values).yaml,
  )
})

test.each(renderings)('policies/%s renders what the API takes: %s', (name, _variant, values) => {
  const { objects } = renderTemplate(loadTemplate(name, ['policies']), values)
  expect(objects.flatMap((object) => admit(object).problems.map(formatProblem))).toEqual([])
})

test('every policy template is rendered here, and says what it is for', () => {
  const names = listTemplates(['policies'])
  expect([...new Set(renderings.map(([name]) => name))].sort()).toEqual(names)
  for (const name of names) expect(loadTemplate(name, ['policies']).description.length).toBeGreaterThan(80)
})

test('no golden rendering is left of a case that is gone', () => {
  const files = renderings.map(([name, variant]) => `${name}.${variant}.yaml`)
  expect(readdirSync('test/golden/render').sort()).toEqual(files.sort())
})
