import { isPodRef, parseDestination } from './destination.ts'
import { type Edge, type Expectation, edgeKey, type Protocol, verdicts } from './edge.ts'
import type { ExpectedCell } from './matrix.ts'

/** An expected matrix as people write it; docs/labs.md describes it. */
export interface ExpectedTable {
  /** `TCP/80`. */
  ports: string[]
  /** A Markdown table: rows are sources, columns destinations. */
  matrix: string
  /** What holds for every pair of `pods` and every port that the table does not mention. */
  others?: string
}

export interface TableProblem {
  key: keyof ExpectedTable
  /** Zero-based, in the text of `matrix`. */
  within?: { line: number; column: number }
  problem: string
  fix: string
}

/** The cells of the table, row by row, then those that `others` adds; or every problem with it. */
export function parseExpectedTable(
  table: ExpectedTable,
  pods: string[],
): { cells: ExpectedCell[]; problems: TableProblem[] } {
  const problems: TableProblem[] = []
  const ports = table.ports.flatMap((text) => {
    const port = parsePort(text)
    if (!port)
      problems.push({ key: 'ports', problem: `${text} is no port`, fix: 'write PROTOCOL/PORT, e.g. TCP/80' })
    return port ? [port] : []
  })
  const others = table.others === undefined ? null : parseExpectation(table.others)
  if (table.others !== undefined && !others) {
    problems.push({ key: 'others', problem: `${table.others} is no expectation`, fix: `write ${vocabulary}` })
  }
  const { asked, cells } = readRows(table.matrix, ports, problems)
  if (problems.length > 0) return { cells: [], problems }
  const rest = others ? between(pods, ports).filter((edge) => !asked.has(edgeKey(edge))) : []
  return { cells: [...cells, ...rest.map((edge) => ({ ...edge, expectation: others! }))], problems }
}

/** `TCP/80`; null if it is none. */
export function parsePort(text: string): Port | null {
  const [protocol = '', port = ''] = text.trim().split('/')
  if (!/^(TCP|UDP|SCTP|ICMP)$/.test(protocol) || !/^\d{1,5}$/.test(port)) return null
  const number = Number(port)
  const valid = protocol === 'ICMP' ? number === 0 : number >= 1 && number <= 65_535
  return valid ? { protocol: protocol as Protocol, port: number } : null
}

/** Every ordered pair of these pods with every port. */
export function between(pods: string[], ports: Port[]): Edge[] {
  return pods.flatMap((from) =>
    pods.filter((to) => to !== from).flatMap((to) => ports.map((port) => ({ from, to, ...port }))),
  )
}

export interface Port {
  protocol: Protocol
  port: number
}

const vocabulary = `allow, deny, -, or one of ${verdicts.join(', ')}`

interface Word {
  text: string
  line: number
  column: number
}

interface Column {
  to: string
  ports: Port[]
}

function readRows(
  text: string,
  ports: Port[],
  problems: TableProblem[],
): { asked: Set<string>; cells: ExpectedCell[] } {
  const asked = new Set<string>()
  const cells: ExpectedCell[] = []
  const complain = (word: Word, problem: string, fix: string) =>
    problems.push({ key: 'matrix', within: { line: word.line, column: word.column }, problem, fix })
  const [header, ...rows] = wordsOf(text)
  if (!header || rows.length === 0) {
    problems.push({
      key: 'matrix',
      problem: 'the table is empty',
      fix: 'write a row of destinations and a row per source',
    })
    return { asked, cells }
  }
  const columns = header.slice(1).map((word) => readColumn(word, ports, complain))
  for (const [source, ...values] of rows) {
    if (!source) continue
    if (!isPodRef(source.text))
      complain(source, `${source.text || 'nothing'} is no source`, 'write namespace/pod')
    if (values.length !== columns.length) {
      complain(
        source,
        `this row has ${values.length} cells, the header ${columns.length}`,
        'write one cell per column',
      )
    }
    for (const [index, word] of values.entries()) {
      const column = columns[index]
      if (!column || word.text === '') continue
      const expectation = parseExpectation(word.text)
      if (!expectation && word.text !== '-')
        complain(word, `${word.text} is no expectation`, `write ${vocabulary}`)
      for (const port of column.ports) {
        const edge: Edge = { from: source.text, to: column.to, ...port }
        if (asked.has(edgeKey(edge))) complain(word, 'this edge is in the table twice', 'leave one of them')
        asked.add(edgeKey(edge))
        if (expectation) cells.push({ ...edge, expectation })
      }
    }
  }
  return { asked, cells }
}

function readColumn(
  word: Word,
  ports: Port[],
  complain: (word: Word, problem: string, fix: string) => void,
): Column | null {
  const suffix = /:((?:TCP|UDP|SCTP|ICMP)\/\d+)$/.exec(word.text)
  const to = suffix ? word.text.slice(0, suffix.index) : word.text
  const destination = parseDestination(to)
  if (!destination) {
    complain(
      word,
      `${word.text || 'nothing'} is no destination`,
      'see docs/labs.md, e.g. shop/web, svc/shop/web, name:web.shop',
    )
    return null
  }
  const port = suffix ? parsePort(suffix[1]!) : null
  if (suffix && !port) complain(word, `${suffix[1]} is no port`, 'write PROTOCOL/PORT, e.g. TCP/5432')
  if (destination.kind !== 'dns') return { to, ports: port ? [port] : ports }
  if (suffix) complain(word, 'a resolution has no port', `write ${to}`)
  return { to, ports: [{ protocol: 'UDP', port: 53 }] }
}

function parseExpectation(text: string): Expectation | null {
  if (text === 'allow' || text === 'deny') return text
  return verdicts.find((verdict) => verdict === text) ?? null
}

/** The table's words with their places; blank lines and a Markdown rule under the header are skipped. */
function wordsOf(text: string): Word[][] {
  return text.split('\n').flatMap((source, line) => {
    if (source.trim() === '' || /^[\s|:-]*-{3,}[\s|:-]*$/.test(source)) return []
    let column = 0
    const words = source.split('|').map((part) => {
      const word = { text: part.trim(), line, column: column + part.length - part.trimStart().length }
      column += part.length + 1
      return word
    })
    // A table may have bars at its edges; without one in front, a bar at the end leaves the last cell empty.
    const first = source.trimStart().startsWith('|') ? 1 : 0
    const last = first === 1 && source.trimEnd().endsWith('|') ? words.length - 1 : words.length
    return [words.slice(first, last)]
  })
}
