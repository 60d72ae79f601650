import { type Document, isMap } from 'yaml'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { admit, isPolicyKind, pathText } from '../policy/index.ts'
import { offsetOf, yamlMessage } from '../yaml-source.ts'

/** Something wrong in a text of Kubernetes objects; `offset` is its place in the text. */
export interface ObjectProblem {
  offset: number
  problem: string
  fix: string
}

/** What the YAML parser refuses. */
export function syntaxProblems(document: Document.Parsed): ObjectProblem[] {
  return [...document.errors, ...document.warnings].map(({ pos, message }) => ({
    offset: pos[0],
    problem: yamlMessage(message),
    fix: 'correct the YAML',
  }))
}

/**
 * The object of a document, or why it is none. A policy is held against what the API server would say, so that a
 * wrong one is found before there is a cluster.
 */
export function readObject(document: Document.Parsed): {
  object: KubernetesObject | null
  problems: ObjectProblem[]
} {
  const root = document.contents
  const at = (path: (string | number)[]) => offsetOf(root, path)
  if (!isMap(root))
    return { object: null, problems: [{ offset: at([]), problem: 'is no map', fix: 'write an object' }] }
  const object = document.toJS() as KubernetesObject
  const missing = [['apiVersion'], ['kind'], ['metadata', 'name']].find((path) => !isText(object, path))
  if (missing) {
    const problem = `${pathText(missing)}: is missing`
    return { object: null, problems: [{ offset: at([]), problem, fix: 'every object needs it' }] }
  }
  if (!isPolicyKind(object)) return { object, problems: [] }
  const problems = admit(object).problems.map(({ path, message, fix }) => ({
    offset: at(path),
    problem: `${pathText(path)}: ${message}`,
    fix: fix ?? `see the reference of ${object.kind}`,
  }))
  return { object, problems }
}

function isText(object: KubernetesObject, path: string[]): boolean {
  const value = path.reduce<unknown>(
    (inner, key) => (inner as Record<string, unknown> | undefined)?.[key],
    object,
  )
  return typeof value === 'string' && value !== ''
}
