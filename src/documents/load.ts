import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { LabError, messageOf } from '../errors.ts'
import { describeObject, type KubernetesObject } from '../kubernetes-object.ts'
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
 * left out in silence: what is not understood is a problem, and what is none of ours is counted.
 * @throws LabError `bad-input` for a path that cannot be read.
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
    if (!existsSync(path)) throw unreadable(path, 'there is no such file or folder')
    if (statSync(path).isDirectory()) this.addFolder(path, recursive)
    else this.addFile(path)
  }

  private addFolder(path: string, recursive: boolean): void {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort(byName)) {
      const inner = join(path, entry.name)
      const isFolder = statSync(inner).isDirectory()
      if (entry.name.startsWith('.')) this.ignore(isFolder ? 'hidden folder' : 'hidden file')
      else if (isFolder) {
        if (recursive) this.addPath(inner, true)
        else this.ignore('folder')
      } else if (extensions.includes(extname(entry.name))) this.addFile(inner)
      else this.ignore(`file ${extname(entry.name) || entry.name}`)
    }
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
    const real = realpathSync(path)
    if (this.read.has(real)) return
    this.read.add(real)
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      throw unreadable(path, messageOf(error))
    }
    this.addText(path, text)
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

function unreadable(path: string, cause: string): LabError {
  return new LabError({
    code: 'bad-input',
    message: `${path} cannot be read`,
    cause,
    hint: '-f FILE or -f FOLDER',
  })
}
