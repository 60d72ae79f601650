import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { exitCodes, LabError, messageOf } from '../../errors.ts'
import { dataFolders, listTemplates, loadTemplate, renderTemplate, type Template } from '../../lab/index.ts'
import type { CommandHandler } from '../command.ts'
import type { OptionValues } from '../options.ts'

export const render: CommandHandler = async ({ args, options, output }) => {
  const folders = [dataFolders().policies]
  if (args.length === 0) {
    output.result(listTemplates(folders).join('\n'))
    return exitCodes.asExpected
  }
  const template = loadTemplate(args[0]!, folders)
  const { yaml, objects } = renderTemplate(template, valuesOf(template, options))
  output.result(options.output === 'json' ? JSON.stringify(objects, null, 2) : yaml)
  return exitCodes.asExpected
}

/** The values of `-f`, then those of `--set`, which win. */
function valuesOf(template: Template, options: OptionValues): Record<string, unknown> {
  const fromFile = options.file === undefined ? {} : readValues(options.file)
  const set = (options.set ?? []).map((text): [string, unknown] => {
    const at = text.indexOf('=')
    if (at < 1) throw badValue(text, 'it has no =')
    return [text.slice(0, at), scalarOf(text.slice(at + 1), template.parameters[text.slice(0, at)]?.type)]
  })
  return { ...fromFile, ...Object.fromEntries(set) }
}

/** Text stays text where text is wanted: `--set version=1.10` is not the number 1.1. */
function scalarOf(text: string, type: string | undefined): unknown {
  if (type !== undefined && ['string', 'name', 'cidr', 'selector'].includes(type)) return text
  try {
    return parse(text)
  } catch (error) {
    throw badValue(text, messageOf(error))
  }
}

function readValues(file: string): Record<string, unknown> {
  try {
    const values: unknown = parse(readFileSync(file, 'utf8'))
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return { ...values }
  } catch (error) {
    throw badFile(file, messageOf(error))
  }
  throw badFile(file, 'it is no mapping of names to values')
}

function badFile(file: string, cause: string): LabError {
  return new LabError({
    code: 'bad-input',
    message: `${file} holds no values`,
    cause,
    hint: '-f values.yaml',
  })
}

function badValue(text: string, cause: string): LabError {
  return new LabError({
    code: 'bad-input',
    message: `--set ${text} is no value`,
    cause,
    hint: '--set namespace=shop',
  })
}
