import { type Document, isScalar, LineCounter, parseAllDocuments } from 'yaml'
import { kubernetesYaml } from '../kubernetes-yaml.ts'
import type { YamlPath } from '../yaml-source.ts'
import { type ReadObject, type ReadOptions, readObjects } from './object-documents.ts'

export interface Place {
  /** Both count from 1. */
  line: number
  column: number
}

/** An object of a text, and where each of its fields stands. */
export interface ObjectInText extends Omit<ReadObject, 'offsetOf'> {
  placeOf(path: YamlPath): Place
}

export interface TextProblem extends Place {
  problem: string
  fix: string
}

/**
 * The objects of a text of YAML or JSON documents, and everything that is wrong with it. Empty documents are none. JSON
 * values may follow each other without a separator, as in kubectl.
 */
export function parseObjects(
  text: string,
  options: ReadOptions = {},
): { objects: ObjectInText[]; problems: TextProblem[] } {
  const parts = partsOf(text).map((part) => parsePart(part, options))
  return {
    objects: parts.flatMap(({ objects }) => objects),
    problems: parts.flatMap(({ problems }) => problems),
  }
}

/** A piece of a text: where it begins, and the line counter of the whole. */
interface Part {
  text: string
  place(offset: number): Place
}

function parsePart({ text, place }: Part, options: ReadOptions): ReturnType<typeof parseObjects> {
  const documents = parseAllDocuments(text, kubernetesYaml)
  const read = (Array.isArray(documents) ? documents : [])
    .filter((document) => !isEmpty(document))
    .map((document) => readObjects(document, options))
  return {
    objects: read.flatMap(({ objects }) =>
      objects.map(({ offsetOf, ...object }) => ({
        ...object,
        placeOf: (path: YamlPath) => place(offsetOf(path)),
      })),
    ),
    problems: read.flatMap(({ problems }) =>
      problems.map(({ offset, problem, fix }) => ({ ...place(offset), problem, fix })),
    ),
  }
}

function partsOf(text: string): Part[] {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1)
  const starts = jsonStarts(text)
  return starts.map((start, index) => ({
    text: text.slice(start, starts[index + 1]),
    place(offset) {
      const { line, col } = lines.linePos(start + offset)
      return { line, column: col }
    },
  }))
}

/** Where each value of a stream of JSON begins; for anything else, where the text does. */
function jsonStarts(text: string): number[] {
  const whole = [0]
  if (!/^\s*\{/.test(text)) return whole
  const starts: number[] = []
  let depth = 0
  for (const { 0: token, index } of text.matchAll(/"(?:\\.|[^"\\])*"|[{}]/g)) {
    if (token === '{' && depth++ === 0) starts.push(index)
    if (token === '}') depth--
  }
  if (starts.length < 2 || !isJson(text.slice(starts[0], starts[1]))) return whole
  return [0, ...starts.slice(1)]
}

/** A separator may follow it. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/^---.*$/gm, ''))
    return true
  } catch {
    return false
  }
}

function isEmpty({ contents, errors, warnings }: Document.Parsed): boolean {
  const nothing = contents === null || (isScalar(contents) && contents.value === null)
  return nothing && errors.length + warnings.length === 0
}
