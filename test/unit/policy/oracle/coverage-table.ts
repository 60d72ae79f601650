import type { Shape } from '../../../../src/policy/admit/shape.ts'
import { kindShape, policyKinds } from '../../../../src/policy/admit/shapes.ts'
import { type Coverage, fieldName } from './coverage.ts'

/** Fields that change no verdict, and why. */
const inert: [RegExp, string][] = [
  [/rule http\b/, 'checked by Envoy alone: the kernel allows the whole flow'],
  [/rule metadata\b/, 'annotations of a rule are comments'],
  [/performanceHints/, 'never changes a verdict'],
  [/StagedGlobalNetworkPolicy spec.applyOnForward/, 'staged policies concern pods alone'],
  [/ClusterNetworkPolicy rule name/, 'for people'],
]

/** Every field of every policy kind, as the kinds' shapes say. */
export function expectedFields(): string[] {
  const fields = policyKinds.flatMap((key) => {
    const [apiVersion, kind] = key.split(' ') as [string, string]
    const name = apiVersion === 'networking.k8s.io/v1' ? `Kubernetes${kind}` : kind
    return paths(kindShape(key, false)!.spec, ['spec']).map((path) => fieldName(name, path))
  })
  return [...new Set(fields)]
}

/** The table of docs/policy-coverage.md. */
export function coverageTable(rows: Map<string, Coverage>): string[] {
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([field, { used, tried, decided }]) =>
        `| ${field} | ${used} | ${tried} | ${decided} | ${inert.find(([fields]) => fields.test(field))?.[1] ?? ''} |`,
    )
  return ['| field | used | tried | decided | note |', '|---|--:|--:|--:|---|', ...lines]
}

/** The table read back; lines of any other text are passed over. */
export function readTable(text: string): Map<string, Coverage & { note: string }> {
  const cells = text.split('\n').map((line) => line.split(' | '))
  return new Map(
    cells
      .filter(([first, used]) => first?.startsWith('| ') && /^\d+$/.test(used ?? ''))
      .map(([first, used, tried, decided, note = '']) => [
        first!.slice(2),
        {
          used: Number(used),
          tried: Number(tried),
          decided: Number(decided),
          note: note.replace(/ ?\|$/, ''),
        },
      ]),
  )
}

function paths(shape: Shape, path: (string | number)[]): (string | number)[][] {
  if (typeof shape === 'string' || 'oneOf' in shape) return []
  if ('map' in shape) return [[...path, 'any']]
  if ('list' in shape) return [[...path, 0], ...paths(shape.list, [...path, 0])]
  return Object.entries(shape.fields).flatMap(([name, inner]) => [
    [...path, name],
    ...paths(inner, [...path, name]),
  ])
}
