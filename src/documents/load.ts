import { type Dirent, existsSync, readdirSync, type Stats, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { isLabError } from '../errors.ts'
import { describeObject, type KubernetesObject } from '../kubernetes-object.ts'
import { readTextFile, whyUnreadable } from '../text-file.ts'
import type { YamlPath } from '../yaml-source.ts'
import { type ObjectInText, parseObjects } from './parse-objects.ts'

/** An object of a file, with the API server's defaults where it is a policy. */
export interface LoadedDocument {
  object: KubernetesObject
  /** As it is written. */
  written: KubernetesObject
  file: string
  /** Where it begins, counted from 1. */
  line: number
  /** Where a field stands, or would stand. */
  locate(path: YamlPath): { line: number; col: number }
}

export interface LoadedDocuments {
  documents: LoadedDocument[]
  /** `file:line:col path: problem (fix)`, all of them. */
  problems: string[]
  /** What was read and is none of ours, by `apiVersion kind`; `file .EXT` for files that are neither YAML nor JSON, `hidden file`. */
  ignored: Map<string, number>
  /** What was read, by the name that problems show. */
  texts: Map<string, string>
}

export interface LoadOptions {
  /** What `-` stands for. */
  stdin?: string
  /** Whether folders inside folders are read, too; default true. */
  recursive?: boolean
  /** Keep policies that the API server would refuse, and objects that are given twice. */
  lenient?: boolean
}

/**
 * Every object of these files and folders, `-` being stdin: each YAML or JSON document, lists taken apart. Nothing is
 * left out in silence: what cannot be read or is not understood is a problem, and what is none of ours is counted.
 */
export function loadDocuments(paths: string[], options: LoadOptions = {}): LoadedDocuments {
  const loader = new Loader(options.lenient ?? false)
  for (const path of paths) {
    if (path === '-') loader.addText('stdin', options.stdin ?? '')
    else loader.addPath(path, options.recursive ?? true)
  }
  return loader
}

/** Extensions of the files that are read in a folder, as kubectl does it. */
const extensions = ['.yaml', '.yml', '.json']

class Loader implements LoadedDocuments {
  readonly documents: LoadedDocument[] = []
  readonly problems: string[] = []
  readonly ignored = new Map<string, number>()
  readonly texts = new Map<string, string>()
  private readonly read = new Set<string>()
  private readonly byKey = new Map<string, LoadedDocument>()

  constructor(private readonly lenient: boolean) {}

  addPath(path: string, recursive: boolean): void {
    const found = this.attempt(path, () => statSync(path))
    if (found?.isDirectory()) this.addFolder(path, recursive)
    else if (found) this.addFile(path)
  }

  /** A folder that a symbolic link leads back to is read once. */
  private addFolder(path: string, recursive: boolean): void {
    if (!this.isNew(path)) return
    const entries = this.attempt(path, () => readdirSync(path, { withFileTypes: true })) ?? []
    for (const entry of entries.sort(byName)) {
      const inner = join(path, entry.name)
      const isHidden = entry.name.startsWith('.')
      const isWanted = !isHidden && extensions.includes(extname(entry.name))
      const found = this.kindOf(entry, inner, isWanted)
      if (isHidden) this.ignore(found?.isDirectory() ? 'hidden folder' : 'hidden file')
      else if (found?.isDirectory()) {
        if (recursive) this.addFolder(inner, true)
        else this.ignore('folder')
      } else if (!isWanted) this.ignore(`file ${extname(entry.name) || entry.name}`)
      else if (found?.isFile()) this.addFile(inner)
      // A pipe would be waited for until somebody writes.
      else if (found) this.ignore('file that is no regular one')
    }
  }

  /** Where a symbolic link leads; a broken one is a problem only where it is to be read. */
  private kindOf(entry: Dirent, path: string, isWanted: boolean): Dirent | Stats | undefined {
    if (!entry.isSymbolicLink() || !(isWanted || existsSync(path))) return entry
    return this.attempt(path, () => statSync(path))
  }

  addText(file: string, text: string): void {
    this.texts.set(file, text)
    const { objects, problems } = parseObjects(text, { lenient: this.lenient, asHeld: !this.lenient })
    for (const { line, column, problem, fix } of problems)
      this.problems.push(`${file}:${line}:${column} ${problem} (${fix})`)
    for (const object of objects) this.addObject(file, object)
    if (objects.length + problems.length === 0) this.ignore('empty file')
  }

  /** A file that is named twice is read once. */
  private addFile(path: string): void {
    if (!this.isNew(path)) return
    const text = this.attempt(path, () => readTextFile(path))
    if (text !== undefined) this.addText(path, text)
  }

  private isNew(path: string): boolean {
    const found = this.attempt(path, () => statSync(path))
    const inode = found && `${found.dev}:${found.ino}`
    if (!inode || this.read.has(inode)) return false
    this.read.add(inode)
    return true
  }

  /** What the file system gives; where it refuses, that is a problem of this path. */
  private attempt<T>(path: string, read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (isLabError(error) && error.problems.length > 0) this.problems.push(...error.problems)
      else {
        const why = isLabError(error) ? error.cause : whyUnreadable(error)
        this.problems.push(`${path} cannot be read: ${why} (name what can, or leave it out)`)
      }
      return undefined
    }
  }

  private addObject(file: string, { object, admitted, ours, placeOf }: ObjectInText): void {
    if (!ours) {
      this.ignore(`${object.apiVersion} ${object.kind}`)
      return
    }
    const locate = (path: YamlPath) => {
      const { line, column } = placeOf(path)
      return { line, col: column }
    }
    const document: LoadedDocument = {
      object: admitted,
      written: object,
      file,
      line: locate([]).line,
      locate,
    }
    const { namespace = 'default', name } = admitted.metadata
    const key = `${admitted.apiVersion} ${admitted.kind} ${namespace}/${name}`
    const first = this.byKey.get(key)
    if (!first || this.lenient) {
      this.byKey.set(key, document)
      this.documents.push(document)
    } else if (!isDeepStrictEqual(first.object, admitted)) {
      const { line, col } = locate(['metadata', 'name'])
      const problem = `${describeObject(admitted)} is given twice, first at ${first.file}:${first.line}`
      this.problems.push(`${file}:${line}:${col} ${problem} (keep one)`)
    }
  }

  private ignore(what: string): void {
    this.ignored.set(what, (this.ignored.get(what) ?? 0) + 1)
  }
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}
