import { parse } from 'yaml'
import { exitCodes, LabError, messageOf } from '../../errors.ts'
import {
  BadValues,
  dataFolders,
  listTemplates,
  loadTemplate,
  renderTemplate,
  type Template,
} from '../../lab/index.ts'
import { jsonDocument } from '../../report/index.ts'
import { readTextFile } from '../../text-file.ts'
import { parseYamlSource, type YamlSource } from '../../yaml-source.ts'
import type { CommandHandler } from '../command.ts'
import type { OptionValues } from '../options.ts'

export const render: CommandHandler = async ({ args, options, output }) => {
  const folders = [dataFolders().policies]
  if (args.length === 0) {
    const items = listTemplates(folders)
    output.result(options.output === 'json' ? jsonDocument('TemplateList', { items }) : items.join('\n'))
    return exitCodes.asExpected
  }
  const [name, ...values] = args
  const template = loadTemplate(name!, folders)
  const { yaml, objects } = renderWith(template, { ...options, set: [...values, ...(options.set ?? [])] })
  // A List as kubectl applies it.
  const list = { apiVersion: 'v1', kind: 'List', items: objects }
  output.result(options.output === 'json' ? JSON.stringify(list, null, 2) : yaml)
  return exitCodes.asExpected
}

/** Renders with the values of `-f`, then those of the command line, which win. */
function renderWith(template: Template, options: OptionValues): ReturnType<typeof renderTemplate> {
  const file = options.file === undefined ? null : readValues(options.file)
  const set = setValues(template, options.set ?? [])
  try {
    return renderTemplate(template, { ...(file?.data as object), ...set })
  } catch (error) {
    if (!(error instanceof BadValues) || !file) throw error
    const { code, message, hint } = error
    const problems = error.problems.map((problem, index) => {
      const place = error.valueProblems[index]!
      return Object.hasOwn(set, String(place.path[0])) ? problem : file.locate(place)
    })
    throw new LabError({ code, message, problems, hint })
  }
}

function setValues(template: Template, texts: string[]): Record<string, unknown> {
  const values = texts.map((text): [string, unknown] => {
    const at = text.indexOf('=')
    if (at < 1) throw badValue(text, 'it has no =')
    return [text.slice(0, at), scalarOf(text.slice(at + 1), template.parameters[text.slice(0, at)]?.type)]
  })
  return Object.fromEntries(values)
}

/** Text stays text where text is wanted: `version=1.10` is not the number 1.1. */
function scalarOf(text: string, type: string | undefined): unknown {
  if (type !== undefined && ['string', 'name', 'cidr', 'selector'].includes(type)) return text
  try {
    return parse(text)
  } catch (error) {
    throw badValue(text, messageOf(error))
  }
}

function readValues(file: string): YamlSource {
  const source = parseYamlSource(file, readTextFile(file))
  if (source.syntaxProblems.length > 0) throw badFile(file, { problems: source.syntaxProblems })
  const { data } = source
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return source
  throw badFile(file, { cause: 'it is no mapping of names to values' })
}

function badFile(file: string, why: { cause?: string; problems?: string[] }): LabError {
  return new LabError({
    code: 'bad-input',
    message: `${file} holds no values`,
    ...why,
    hint: '-f values.yaml',
  })
}

function badValue(text: string, cause: string): LabError {
  return new LabError({
    code: 'bad-input',
    message: `${text} is no value`,
    cause,
    hint: 'ztlab render TEMPLATE namespace=shop',
  })
}
