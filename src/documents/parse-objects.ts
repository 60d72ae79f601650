import { type Document, isScalar, LineCounter, parseAllDocuments } from 'yaml'
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

/** The objects of a text of YAML or JSON documents, and everything that is wrong with it. Empty documents are none. */
export function parseObjects(
  text: string,
  options: ReadOptions = {},
): { objects: ObjectInText[]; problems: TextProblem[] } {
  const lines = new LineCounter()
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  // As kubectl reads: `<<` merges.
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: true })
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

function isEmpty({ contents, errors, warnings }: Document.Parsed): boolean {
  const nothing = contents === null || (isScalar(contents) && contents.value === null)
  return nothing && errors.length + warnings.length === 0
}
