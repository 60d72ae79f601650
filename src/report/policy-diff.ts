import type { Connections, EdgeChange, PolicyDiff } from '../policy/index.ts'
import { count } from './cell-words.ts'
import { jsonDocument } from './json-document.ts'
import { connectionText } from './policy-matrix.ts'

/** A change of policies for people: what opens and what closes, each with the pods, the ports and why. */
export function policyDiffText(diff: PolicyDiff, format: 'text' | 'markdown'): string {
  const { changes, added, removed, openedEdges, closedEdges } = diff
  const head = `${count(openedEdges, 'edge')} opened, ${count(closedEdges, 'edge')} closed`
  const parts = [
    format === 'markdown' ? `# ${head}` : head,
    ...section('opened', changes, format),
    ...section('closed', changes, format),
    ...(added.length > 0 ? [`only in the new: ${added.join(', ')}`] : []),
    ...(removed.length > 0 ? [`only in the old: ${removed.join(', ')}`] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

export function policyDiffJson(diff: PolicyDiff): string {
  return jsonDocument('PolicyDiff', diff)
}

type What = 'opened' | 'closed'

function section(what: What, changes: EdgeChange[], format: 'text' | 'markdown'): string[] {
  const concerned = changes.filter((change) => !isNone(change[what]))
  if (concerned.length === 0) return []
  const glyph = what === 'opened' ? '+' : '-'
  return concerned.map((change) => {
    const { from, to, example } = change
    const edge = `${names(from)} → ${names(to)}`
    const ports = connectionText(change[what])
    const port = `${example.protocol}/${example.port}`
    const why = [
      `before, ${example.from} → ${example.to} ${port}: ${example.before}`,
      `after: ${example.after}`,
    ]
    return format === 'markdown'
      ? [`- **${what}** ${edge}: ${ports}`, ...why.map((line) => `  - ${line}`)].join('\n')
      : [`${glyph} ${what} ${edge}: ${ports}`, ...why.map((line) => `    ${line}`)].join('\n')
  })
}

function isNone(connections: Connections): boolean {
  return connectionText(connections) === 'none'
}

const namesShown = 6

function names(ids: string[]): string {
  const rest = ids.length - namesShown
  return [...ids.slice(0, namesShown), ...(rest > 0 ? [`${rest} more`] : [])].join(', ')
}
