import { existsSync, readdirSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { z } from 'zod'
import { LabError } from '../../errors.ts'
import { readTextFile } from '../../text-file.ts'
import { parseYamlSource, type YamlPath } from '../../yaml-source.ts'
import { type Parameter, parametersSchema } from './parameters.ts'

/** A policy template: what it takes, what it says about itself, and its text. */
export interface Template {
  name: string
  title: string
  /** Markdown. */
  description: string
  parameters: Record<string, Parameter>
  /** The file, as messages show it. */
  file: string
  text: string
}

const headerSchema = z.strictObject({
  title: z.string().min(1),
  description: z.string().min(1),
  parameters: parametersSchema,
})
const suffix = '.yaml.hbs'

/**
 * The template NAME, from the first of the folders that has it.
 * Throws `not-found` with the names that exist, `bad-input` with every problem of its header.
 */
export function loadTemplate(name: string, folders: string[]): Template {
  const file = folders.map((folder) => join(folder, `${name}${suffix}`)).find((path) => existsSync(path))
  if (!file || name !== basename(name)) {
    const known = listTemplates(folders)
    throw new LabError({
      code: 'not-found',
      message: `no policy template is called ${name}`,
      cause: `there are: ${known.join(', ') || 'none'}`,
      hint: known[0] ? `ztlab render ${known[0]}` : 'add one to policies/',
    })
  }
  const shown = displayPath(file)
  return parseTemplate(name, shown, readTextFile(file, shown))
}

/** Names of the templates in these folders, sorted. */
export function listTemplates(folders: string[]): string[] {
  const names = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).filter((entry) => entry.endsWith(suffix)))
  return [...new Set(names.map((entry) => entry.slice(0, -suffix.length)))].sort()
}

/** Reads the header, a Handlebars comment of YAML at the top of the text. */
export function parseTemplate(name: string, file: string, text: string): Template {
  const comment = /^\{\{!--\n([\s\S]*?)\n--\}\}\n/.exec(text)
  if (!comment) {
    throw badTemplate(file, [
      `${file}:1:1 the header is missing (begin with {{!-- and the YAML keys title, description, parameters, then --}})`,
    ])
  }
  // One line stands before the header's first, so that positions are those of the file.
  const source = parseYamlSource(file, `\n${comment[1]}`)
  if (source.syntaxProblems.length > 0) throw badTemplate(file, source.syntaxProblems)
  const header = headerSchema.safeParse(source.data)
  if (header.success) return { name, file, text, ...header.data }
  throw badTemplate(
    file,
    header.error.issues.map((issue) =>
      source.locate({ path: issue.path as YamlPath, problem: issue.message, fix: 'see docs/labs.md' }),
    ),
  )
}

export function badTemplate(file: string, problems: string[]): LabError {
  return new LabError({
    code: 'bad-input',
    message: `the template ${file} is not right`,
    problems,
    hint: 'see docs/labs.md, section Templates',
  })
}

/** Relative to the working directory where that is shorter. */
export function displayPath(file: string): string {
  const near = relative(process.cwd(), file)
  return near.startsWith('..') ? file : near
}
