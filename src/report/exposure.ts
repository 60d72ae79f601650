import type { Exposed, Exposure } from '../policy/index.ts'
import { count } from './cell-words.ts'
import { jsonDocument } from './json-document.ts'
import { connectionText } from './policy-matrix.ts'

/** What pods that do not exist yet could reach, for people. */
export function exposureText({ pods, left }: Exposure, format: 'text' | 'markdown'): string {
  const parts = pods.map(({ names, ingress, egress }) => {
    const title = names.length > 1 ? `${names[0]} (+${names.length - 1})` : names[0]!
    const lines = [...sideLines('from', ingress), ...sideLines('to', egress)]
    return format === 'markdown'
      ? [`## ${title}`, '', ...lines.map((line) => `- ${line}`)].join('\n')
      : [title, ...lines.map((line) => `  ${line}`)].join('\n')
  })
  const rest = left > 0 ? [`${count(left, 'kind')} of newcomers left out`] : []
  return `${[...parts, ...rest].join('\n\n')}\n`
}

export function exposureJson({ pods, left }: Exposure): string {
  return jsonDocument('Exposure', { pods, left })
}

function sideLines(way: 'from' | 'to', exposed: Exposed[]): string[] {
  return exposed.flatMap(({ newcomers, open }, index) => {
    const ports = connectionText(open)
    if (index === 0) return [`${way} any new pod: ${ports}`]
    return newcomers.map((newcomer) => `${way} a new pod ${describe(newcomer)}: ${ports}`)
  })
}

function describe({ namespace, namespaceLabels, labels }: Exposed['newcomers'][number]): string {
  const own = labelsText(labels)
  const spaces = labelsText(namespaceLabels)
  const where =
    namespace === null
      ? spaces === ''
        ? 'in any other namespace'
        : `in a new namespace with ${spaces}`
      : `in namespace ${namespace}`
  return own === '' ? where : `with ${own} ${where}`
}

function labelsText(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(', ')
}
