import type { Document } from 'yaml'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { admit, fromStorage, isPolicyKind, pathText } from '../policy/index.ts'
import { offsetOf, offsetOfBrokenAlias, type YamlPath, yamlMessage } from '../yaml-source.ts'
import { fitClusterObject } from './cluster-objects.ts'
import { understand } from './kinds.ts'

/** Something wrong in a text of Kubernetes objects; `offset` is its place in the text. */
export interface ObjectProblem {
  offset: number
  problem: string
  fix: string
}

/** An object of a document. */
export interface ReadObject {
  /** As it is written. */
  object: KubernetesObject
  /** With the API server's defaults, where it is a policy. */
  admitted: KubernetesObject
  /** False for a kind that ztlab does not look into. */
  ours: boolean
  /** Where a field of it begins in the text; a field that is not written is placed at its nearest ancestor. */
  offsetOf(path: YamlPath): number
}

export interface ReadOptions {
  /** Keep policies that the API server would refuse, and Calico's storage: the reader finds fault with them itself. */
  lenient?: boolean
  /**
   * Take what a cluster may hold although nobody should write it: Calico's storage, and what the experimental channel of
   * ClusterNetworkPolicy has.
   */
  asHeld?: boolean
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
 * The objects of a document, lists taken apart, or why it holds none. What ztlab knows is held against what the API
 * server would say, so that a wrong object is found before there is a cluster.
 */
export function readObjects(
  document: Document.Parsed,
  options: ReadOptions = {},
): { objects: ReadObject[]; problems: ObjectProblem[] } {
  const refused = syntaxProblems(document)
  if (refused.length > 0) return { objects: [], problems: refused }
  try {
    const reader = new Reader(document, options)
    reader.read(document.toJS({ maxAliasCount: 1000 }), [])
    return reader
  } catch (error) {
    // Aliases without an anchor and aliases without end are found when they are followed.
    const problem = yamlMessage((error as Error).message)
    return {
      objects: [],
      problems: [{ offset: offsetOfBrokenAlias(document), problem, fix: 'correct the YAML' }],
    }
  }
}

class Reader {
  readonly objects: ReadObject[] = []
  readonly problems: ObjectProblem[] = []

  constructor(
    private readonly document: Document.Parsed,
    private readonly options: ReadOptions,
  ) {}

  read(value: unknown, path: YamlPath): void {
    if (!isRecord(value)) this.complain(path, [], 'is no map', 'write an object')
    else if (isList(value)) this.readList(value, path)
    else {
      const missing = missingOf(value)
      if (missing) this.complain(path, missing.key, missing.problem, missing.fix)
      else this.readObject(value as KubernetesObject, path)
    }
  }

  private readObject(object: KubernetesObject, path: YamlPath): void {
    const { asHeld: experimental = false } = this.options
    const held = experimental ? fromStorage(object) : object
    const { ours, problem } = this.isStorage(object) ? { ours: true } : understand(held)
    const isPolicy = isPolicyKind(held)
    const admitted = isPolicy ? admit(held, { experimental }) : fitClusterObject(held)
    const problems = problem ? [problem] : isPolicy && this.options.lenient ? [] : admitted.problems
    for (const { path: field, message, fix } of problems)
      this.complain(path, field, message, fix ?? `see the reference of ${object.kind}`)
    if (problems.length > 0) return
    const offset = (field: YamlPath) => offsetOf(this.document.contents, [...path, ...field])
    this.objects.push({ object, admitted: admitted.object, ours, offsetOf: offset })
  }

  private isStorage({ apiVersion }: KubernetesObject): boolean {
    return this.options.lenient === true && apiVersion.startsWith('crd.projectcalico.org/')
  }

  /** Items of a typed list, `PodList` and the like, may leave out what the list says of them all. */
  private readList(
    { apiVersion, kind, items }: { [key: string]: unknown; items: unknown[] | null },
    path: YamlPath,
  ): void {
    const common = kind === 'List' ? {} : { apiVersion, kind: String(kind).slice(0, -'List'.length) }
    for (const [index, item] of (items ?? []).entries())
      this.read(isRecord(item) ? { ...common, ...item } : item, [...path, 'items', index])
  }

  private complain(path: YamlPath, field: YamlPath, problem: string, fix: string): void {
    const offset = offsetOf(this.document.contents, [...path, ...field])
    const where = pathText([...path, ...field])
    this.problems.push({ offset, problem: where ? `${where}: ${problem}` : problem, fix })
  }
}

/** The first of the fields without which nothing is an object. */
function missingOf(value: Record<string, unknown>): { key: string[]; problem: string; fix: string } | null {
  const key = ['apiVersion', 'kind'].find((one) => !isText(value[one]))
  if (key) return { key: [key], ...insteadOfText(value[key]) }
  const { name, generateName } = isRecord(value.metadata) ? value.metadata : {}
  if (isText(name)) return null
  const at = { key: ['metadata', 'name'], ...insteadOfText(name) }
  const generated = 'write a name: generateName gives none before the object is made'
  return isText(generateName) ? { ...at, fix: generated } : at
}

/** `name: 0755` is no text. */
function insteadOfText(value: unknown): { problem: string; fix: string } {
  return typeof value === 'boolean' || typeof value === 'number'
    ? { problem: `must be text, not ${value}`, fix: 'quote it' }
    : { problem: 'is missing', fix: 'every object needs it' }
}

/** Go writes a list of nothing as null. */
function isList(value: Record<string, unknown>): value is { items: unknown[] | null } {
  return (
    isText(value.kind) && value.kind.endsWith('List') && (Array.isArray(value.items) || value.items === null)
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
