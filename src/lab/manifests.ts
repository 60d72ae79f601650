import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { stringify } from 'yaml'
import { type ObjectInText, parseObjects } from '../documents/index.ts'
import { isLabError, LabError } from '../errors.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { kubernetesYaml } from '../kubernetes-yaml.ts'
import { readTextFile } from '../text-file.ts'
import type { SourceProblem } from '../yaml-source.ts'
import type { Manifest } from './lab.ts'
import { BadValues, displayPath, loadTemplate, renderTemplate } from './templates/index.ts'

/** Reads what a lab applies: files and templates of its own folder first, then those that come with ztlab. */
export class Manifests {
  constructor(private readonly folders: { folder: string; policies: string; manifests: string }) {}

  readFile(name: string): Manifest {
    const { folder, manifests } = this.folders
    const file = [folder, manifests]
      .map((place) => within(place, name))
      .find((path) => path && existsSync(path))
    if (!file)
      throw new Misplaced([
        { path: [], problem: `there is no file ${name}`, fix: 'put it into the folder of the lab' },
      ])
    const shown = displayPath(file)
    const yaml = readTextFile(file, shown)
    return { source: `file ${name}`, file: shown, yaml, objects: parseManifest(shown, yaml) }
  }

  render(name: string, values: Record<string, unknown>): Manifest {
    const template = loadTemplate(name, [this.folders.folder, this.folders.policies])
    return { source: `template ${name}`, file: null, ...renderTemplate(template, values) }
  }

  inline(manifest: string | Record<string, unknown>): Manifest {
    const yaml =
      typeof manifest === 'string' ? manifest : stringify(manifest, { ...kubernetesYaml, lineWidth: 0 })
    const { objects, problems } = readManifest(yaml)
    const isText = typeof manifest === 'string'
    if (problems.length === 0)
      return { source: 'inline manifest', file: null, yaml, objects: asWritten(objects) }
    throw new Misplaced(
      problems.map(({ line, column, problem, fix }) => ({
        path: [],
        within: isText ? { line: line - 1, column: column - 1 } : undefined,
        problem,
        fix,
      })),
    )
  }

  /** Runs a reader. `problems` belong where the reader was called for; `located` name their own file and line. */
  attempt(read: () => Manifest): { manifest: Manifest | null; problems: SourceProblem[]; located: string[] } {
    try {
      return { manifest: read(), problems: [], located: [] }
    } catch (error) {
      if (error instanceof BadValues) {
        const problems = error.valueProblems.map((one) => ({ ...one, path: ['values', ...one.path] }))
        return { manifest: null, problems, located: [] }
      }
      if (error instanceof Misplaced) return { manifest: null, problems: error.places, located: [] }
      if (!isLabError(error)) throw error
      if (error.problems.length > 0) return { manifest: null, problems: [], located: error.problems }
      const fix = error.cause ? String(error.cause) : (error.hint ?? 'see docs/labs.md')
      return { manifest: null, problems: [{ path: [], problem: error.message, fix }], located: [] }
    }
  }
}

/** The objects of a file. Throws `bad-input` with every problem as `file:line:col problem (fix)`. */
export function parseManifest(file: string, text: string): KubernetesObject[] {
  const { objects, problems } = readManifest(text)
  if (problems.length === 0) return asWritten(objects)
  throw new LabError({
    code: 'bad-input',
    message: `${file} is not right`,
    problems: problems.map(
      ({ line, column, problem, fix }) => `${file}:${line}:${column} ${problem} (${fix})`,
    ),
    hint: 'correct the file',
  })
}

function asWritten(objects: ObjectInText[]): KubernetesObject[] {
  return objects.map(({ object }) => object)
}

function readManifest(text: string): ReturnType<typeof parseObjects> {
  const read = parseObjects(text)
  if (read.problems.length + read.objects.length > 0) return read
  return { objects: [], problems: [{ line: 1, column: 1, problem: 'holds no object', fix: 'write one' }] }
}

/** Problems whose place is where the reader was called for. */
class Misplaced extends Error {
  constructor(readonly places: SourceProblem[]) {
    super('not right')
  }
}

function within(folder: string, name: string): string | null {
  const path = resolve(folder, name)
  const inside = relative(folder, path)
  return inside.startsWith('..') || inside === '' ? null : join(folder, inside)
}
