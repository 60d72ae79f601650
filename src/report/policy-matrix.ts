import {
  type ActorClass,
  type CellCount,
  type ConnectionMatrix,
  type Connections,
  connectionProtocols,
  countCells,
  describeDecider,
  type MatrixCell,
  type Model,
  type PolicyMatrix,
  type PortMatrix,
  portSetText,
  verdicts,
} from '../policy/index.ts'
import { count } from './cell-words.ts'
import { nearText } from './near-text.ts'
import { alignColumns, markdownTable } from './table.ts'

export interface PolicyMatrixStyle {
  format: 'text' | 'markdown'
  /** Columns that a table may take; what is wider becomes a list. */
  width: number
}

const glyphs = { allowed: '✓', denied: '✗', unreachable: '○' } as const

/** A predicted matrix for people: pods that no policy tells apart stand in one line and one column. */
export function policyMatrixText(model: Model, matrix: PolicyMatrix, style: PolicyMatrixStyle): string {
  const parts = [...matrix.ports()].map((port) => portText({ model, matrix, port }, style))
  return `${[...parts, ...membersText(matrix.classes)].join('\n\n')}\n`
}

/** Open ports for people: a line for each class and each set of ports that it may reach others on. */
export function connectionsText(
  { actors, classes, classOf, between, ofClasses }: ConnectionMatrix,
  { format }: PolicyMatrixStyle,
): string {
  const near = nearText(actors, format, (from, to) => {
    const [own, others] = [between(from, to), ofClasses(classOf[from]!, classOf[to]!)].map(connectionText)
    return own === others ? null : own!
  })
  const rows = classes.flatMap((from) => {
    const byPorts = new Map<string, ActorClass[]>()
    for (const to of othersOf(from, classes)) {
      const open = connectionText(ofClasses(from.index, to.index))
      byPorts.set(open, [...(byPorts.get(open) ?? []), to])
    }
    return [...byPorts].map(([open, to]) => [nameOf(from), open, listed(to.map(nameOf))])
  })
  const table = [['from', 'open', 'to'], ...rows]
  const lines = format === 'markdown' ? markdownTable(table) : alignColumns(table)
  return `${[lines.join('\n'), ...near, ...membersText(classes)].join('\n\n')}\n`
}

/** `TCP 80,443; UDP 53`, `all`, `none`. */
export function connectionText(connections: Connections): string {
  const texts = connectionProtocols.map((protocol) => portSetText(connections[protocol]))
  if (new Set(texts).size === 1 && ['all', 'none'].includes(texts[0]!)) return texts[0]!
  return connectionProtocols
    .flatMap((protocol, index) => (texts[index] === 'none' ? [] : [`${protocol} ${texts[index]}`]))
    .join('; ')
}

/** The first of its pods, and how many more there are. */
export function nameOf({ members }: ActorClass): string {
  const [first] = members as [ActorClass['members'][number]]
  return members.length === 1 ? first.id : `${first.id} (+${members.length - 1})`
}

interface OnePort {
  model: Model
  matrix: PolicyMatrix
  port: PortMatrix
}

function portText(one: OnePort, { format, width }: PolicyMatrixStyle): string {
  const { model, matrix, port } = one
  const { protocol, port: number } = port.port
  const name = `${protocol}/${number}`
  const summary = summaryText(matrix, countCells(model, matrix, port))
  const table = tableOf(matrix, port)
  const lines = format === 'markdown' ? markdownTable(table) : alignColumns(table)
  const fits =
    format === 'markdown' ? matrix.classes.length <= 40 : lines.every((line) => line.length <= width)
  const title = format === 'markdown' ? `## ${name}\n\n${summary}` : `${name}: ${summary}`
  const body = fits ? lines : listOf(matrix, port, format)
  const near = nearText(matrix.actors, format, (from, to) => {
    const { verdict } = port.cell(from, to)
    const { classOf } = matrix
    return verdict === port.ofClasses(classOf[from]!, classOf[to]!).verdict ? null : glyphs[verdict]
  })
  return [title, body.join('\n'), ...near, ...denialsText(one, format)].join('\n\n')
}

function summaryText({ actors, classes }: PolicyMatrix, { allowed, denied, unreachable }: CellCount): string {
  const apart = unreachable > 0 ? `, ${unreachable} without a common address family` : ''
  const told = classes.length === actors.length ? '' : ` told apart as ${classes.length}`
  return `${count(actors.length, 'pod')}${told}, ${allowed} cells allowed, ${denied} denied${apart}`
}

function tableOf({ classes }: PolicyMatrix, port: PortMatrix): string[][] {
  const head = ['to \\ from', ...classes.map(nameOf)]
  const rows = classes.map((to) => [
    nameOf(to),
    ...classes.map((from) =>
      from === to && from.members.length === 1 ? '·' : glyphs[port.ofClasses(from.index, to.index).verdict],
    ),
  ])
  return [head, ...rows]
}

/** What is open from each class, where a table would be too wide. */
function listOf({ classes }: PolicyMatrix, port: PortMatrix, format: PolicyMatrixStyle['format']): string[] {
  return classes.map((from) => {
    const others = othersOf(from, classes)
    const codes = port.verdictsFrom(from.index)
    const open = others.filter((to) => verdicts[codes[to.index]!] === 'allowed')
    const text = open.length === others.length ? 'everyone' : listed(open.map(nameOf)) || 'nobody'
    return `${format === 'markdown' ? '- ' : ''}${nameOf(from)} → ${text}`
  })
}

const denialsShown = 20

/** Why the denied cells are denied: a line per decision, with one edge that it decides. */
function denialsText({ matrix, port }: OnePort, format: PolicyMatrixStyle['format']): string[] {
  const byReason = new Map<string, { from: ActorClass; to: ActorClass; pairs: number }>()
  for (const [from, to] of pairsOf(matrix.classes)) {
    const cell = port.ofClasses(from.index, to.index)
    if (cell.verdict !== 'denied') continue
    const reason = reasonText(cell)
    const known = byReason.get(reason)
    if (known) known.pairs++
    else byReason.set(reason, { from, to, pairs: 1 })
  }
  if (byReason.size === 0) return []
  const lines = [...byReason].map(([reason, { from, to, pairs }]) => {
    const more = pairs > 1 ? ` and ${pairs - 1} more` : ''
    return `${format === 'markdown' ? '- ' : '  '}✗ ${nameOf(from)} → ${nameOf(to)}${more}: ${reason}`
  })
  const rest = lines.length - denialsShown
  return [[...lines.slice(0, denialsShown), ...(rest > 0 ? [`  … ${rest} more reasons`] : [])].join('\n')]
}

function reasonText({ egress, ingress }: MatrixCell): string {
  const sides = [
    egress?.verdict === 'denied' ? `egress, ${describeDecider(egress.decidedBy)}` : null,
    ingress?.verdict === 'denied' ? `ingress, ${describeDecider(ingress.decidedBy)}` : null,
  ]
  return sides.filter((side) => side !== null).join('; ')
}

function membersText(classes: ActorClass[]): string[] {
  const several = classes.filter(({ members }) => members.length > 1)
  if (several.length === 0) return []
  const lines = several.map((one) => `  ${nameOf(one)}: ${namesOf(one)}`)
  return [['treated alike:', ...lines].join('\n')]
}

function namesOf({ members }: ActorClass): string {
  return listed(members.map(({ id }) => id))
}

const namesShown = 12

function listed(names: string[]): string {
  const rest = names.length - namesShown
  return [...names.slice(0, namesShown), ...(rest > 0 ? [`… ${rest} more`] : [])].join(', ')
}

/** Ordered pairs of classes in which there are two different pods. */
function pairsOf(classes: ActorClass[]): [from: ActorClass, to: ActorClass][] {
  return classes.flatMap((from) => othersOf(from, classes).map((to): [ActorClass, ActorClass] => [from, to]))
}

/** The classes in which there is another pod. */
function othersOf(from: ActorClass, classes: ActorClass[]): ActorClass[] {
  return classes.filter((to) => from !== to || from.members.length > 1)
}
