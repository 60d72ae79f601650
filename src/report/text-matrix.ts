import type { ComparedCell } from '../matrix/index.ts'
import { cellWord, describeMismatch, destinationOf, glyphs } from './cell-words.ts'
import type { TextStyle } from './text-style.ts'

/** A matrix as a table: a row per destination, a column per source; then every mismatch in full. */
export function textMatrix(cells: ComparedCell[], style: TextStyle): string {
  if (cells.length === 0) return ''
  const sources = [...new Set(cells.map(({ from }) => from))]
  const rows = [...new Set(cells.map(destinationOf))]
  const byPlace = new Map(cells.map((cell) => [`${cell.from}|${destinationOf(cell)}`, cell]))
  const namespace = commonNamespace(cells)
  const short = (name: string) => (namespace ? name.replace(`${namespace}/`, '') : name)
  const table = (word: (cell: ComparedCell) => string): Word[][] => [
    ['to \\ from', ...sources.map(short)].map((text) => ({ text })),
    ...rows.map((row) => [
      { text: short(row) },
      ...sources.map((from): Word => {
        const cell = byPlace.get(`${from}|${row}`)
        return cell ? { text: word(cell), cell } : { text: '·' }
      }),
    ]),
  ]
  const full = table(cellWord)
  const fits = lineWidth(full) <= style.width
  const marks = fits ? full : table(({ measured, ok }) => `${glyphs[measured]}${ok ? '' : '≠'}`)
  // Names that do not fit side by side are told one below the other.
  const isNumbered = lineWidth(marks) > style.width && sources.length > 1
  const numbers = [{ text: 'to \\ from' }, ...sources.map((_from, index) => ({ text: `${index + 1}` }))]
  const shown = isNumbered ? [numbers, ...marks.slice(1)] : marks
  const note = namespace ? [style.dim(`  names without a namespace are in ${namespace}`)] : []
  return [
    ...draw(shown, style),
    ...(isNumbered ? sources.map((from, index) => style.dim(`  ${index + 1} = ${short(from)}`)) : []),
    ...note,
    ...(fits ? [] : [style.dim(`  ${legend}`)]),
    ...mismatches(cells, style),
  ].join('\n')
}

const legend =
  '✓ allowed  ✗ dropped or rejected  ○ refused, unreachable, dns-failure  ? unproven  ~ flapping  ! error  - not run'

interface Word {
  text: string
  cell?: ComparedCell
}

function draw(table: Word[][], style: TextStyle): string[] {
  const widths = columnWidths(table)
  return table.map((row, index) => {
    const words = row.map(({ text, cell }, column) => {
      const padded = column === row.length - 1 ? text : text.padEnd(widths[column]!)
      if (cell) return cell.ok ? style.verdict(padded, cell.measured) : style.bad(padded)
      return index === 0 || text === '·' ? style.dim(padded) : padded
    })
    return `  ${words.join('  ')}`.trimEnd()
  })
}

function mismatches(cells: ComparedCell[], style: TextStyle): string[] {
  const wrong = cells.filter(({ ok }) => !ok)
  return wrong.flatMap((cell) => {
    const { edge, answers, lines } = describeMismatch(cell)
    return ['', `  ${style.bad(`≠ ${edge}`)}: ${answers}`, ...lines.map((line) => `    ${line}`)]
  })
}

function columnWidths(table: Word[][]): number[] {
  return table[0]!.map((_word, column) => Math.max(...table.map((row) => row[column]!.text.length)))
}

function lineWidth(table: Word[][]): number {
  return columnWidths(table).reduce((sum, width) => sum + width + 2, 2)
}

/** The namespace of most pods, if it is that of more than one name. */
function commonNamespace(cells: ComparedCell[]): string | null {
  const names = new Set(cells.flatMap(({ from, to }) => [from, to.replace(/^svc\//, '')]))
  const counts = new Map<string, number>()
  for (const name of names) {
    const [namespace, rest] = name.split('/')
    if (rest && namespace !== 'node') counts.set(namespace!, (counts.get(namespace!) ?? 0) + 1)
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1])
  return most && most[1] > 1 ? most[0] : null
}
