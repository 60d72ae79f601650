import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml'
import { messageOf } from './errors.ts'
import { kubernetesYaml } from './kubernetes-yaml.ts'

export type YamlPath = (string | number)[]

/** Something wrong in a file that a person wrote, with what to do about it. */
export interface SourceProblem {
  path: YamlPath
  problem: string
  fix: string
  /** Where inside a multi-line text the problem is: zero-based line and column of that text. */
  within?: { line: number; column: number }
  /** Blame the key rather than its value. */
  atKey?: boolean
}

/** A YAML file with one document, which knows where in the file each of its values stands. */
export interface YamlSource {
  /** The document as plain data; undefined if it does not parse. */
  readonly data: unknown
  /** Lines of what the YAML parser refuses, empty if it parses. */
  readonly syntaxProblems: string[]
  /** `file:line:col path: problem (fix)`. A path that does not exist is placed at its nearest ancestor. */
  locate(problem: SourceProblem): string
}

/** Parses `text`; `file` is the name that messages show. */
export function parseYamlSource(file: string, text: string): YamlSource {
  const lines = new LineCounter()
  // As the manifests beside it are read.
  const document = parseDocument(text, { ...kubernetesYaml, lineCounter: lines })
  const { data, problems } = dataOf(document)
  return {
    data,
    syntaxProblems: problems.map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset)
      return `${file}:${line}:${col} ${yamlMessage(message)} (correct the YAML)`
    }),
    locate(problem) {
      const found = nearest(document.contents as Node | null, problem)
      const range = found?.range
      const offset = range ? range[0] : 0
      const { line, col } = placeWithin(text, found, lines.linePos(offset), problem.within)
      const path = describePath(problem.path)
      return `${file}:${line}:${col} ${path ? `${path}: ` : ''}${problem.problem} (${problem.fix})`
    },
  }
}

function dataOf(document: Document.Parsed): {
  data?: unknown
  problems: { offset: number; message: string }[]
} {
  const problems = [...document.errors, ...document.warnings].map(({ pos, message, code }) => ({
    offset: pos[0],
    message: code === 'MULTIPLE_DOCS' ? 'there may be only one document here' : message,
  }))
  if (problems.length > 0) return { problems }
  try {
    return { data: document.toJS(), problems }
  } catch (error) {
    // Aliases are followed only now: one that leads nowhere, or to a tree too large to write down.
    return { problems: [{ offset: offsetOfBrokenAlias(document), message: messageOf(error) }] }
  }
}

/** The first line of a YAML parser's message, without the position that is shown in front of it. */
export function yamlMessage(message: string): string {
  return message
    .split('\n')[0]!
    .replace(/ at line \d+, column \d+:?$/, '')
    .replace('Maximum call stack size exceeded', 'nested too deeply')
}

/** Where the first alias stands that no anchor precedes; else the beginning. */
export function offsetOfBrokenAlias(document: Document.Parsed): number {
  let offset = 0
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document)) return undefined
      offset = alias.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return offset
}

/** `spec.steps[2].apply`, the form in which messages name a place in a document. */
export function describePath(path: YamlPath): string {
  return path
    .map((part, index) =>
      typeof part === 'number'
        ? `[${part}]`
        : `${index > 0 ? '.' : ''}${part.includes('.') ? `"${part}"` : part}`,
    )
    .join('')
}

/** Where the value at `path` begins, or its nearest ancestor that stands in the text. */
export function offsetOf(root: unknown, path: YamlPath): number {
  return (isNode(root) ? nearest(root, { path }) : null)?.range?.[0] ?? 0
}

function nearest(root: Node | null, { path, atKey }: Pick<SourceProblem, 'path' | 'atKey'>): Node | null {
  let node = root
  let written = root
  for (const [index, part] of path.entries()) {
    const pair = pairOf(node, part)
    const child = pair ? pair.value : childOf(node, part)
    if (pair && isNode(pair.key) && (!isNode(child) || (atKey && index === path.length - 1))) return pair.key
    if (!isNode(child)) return written
    node = child
    // A value that a template filled in stands nowhere; its key does.
    if (child.range) written = child
    else if (pair && isNode(pair.key) && pair.key.range) written = pair.key
  }
  return written
}

function pairOf(node: Node | null, key: string | number): Pair | undefined {
  if (!isMap(node)) return undefined
  return node.items.find(
    (pair) => isPair(pair) && isScalar(pair.key) && String(pair.key.value) === String(key),
  )
}

function childOf(node: Node | null, key: string | number): unknown {
  return node && 'get' in node && typeof node.get === 'function' ? node.get(key, true) : undefined
}

/** A block scalar's text begins on the line after its indicator, indented. */
function placeWithin(
  text: string,
  node: Node | null,
  start: { line: number; col: number },
  within: SourceProblem['within'],
): { line: number; col: number } {
  if (!within || !isScalar(node) || node.type !== 'BLOCK_LITERAL') return start
  const sourceLine = start.line + 1 + within.line
  const source = text.split('\n')[sourceLine - 1] ?? ''
  const written = String(node.value).split('\n')[within.line] ?? ''
  const indent = Math.max(0, source.length - written.length)
  return { line: sourceLine, col: indent + within.column + 1 }
}
