import Handlebars from 'handlebars'
import { LineCounter, parseAllDocuments } from 'yaml'
import { type ObjectProblem, readObjects, syntaxProblems } from '../../documents/index.ts'
import { LabError, messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { kubernetesYaml } from '../../kubernetes-yaml.ts'
import { describePath, type SourceProblem } from '../../yaml-source.ts'
import { checkValues } from './parameters.ts'
import { Placeholders } from './placeholders.ts'
import { badTemplate, type Template } from './template.ts'
import { instrument, readLines } from './template-lines.ts'

export interface Rendering {
  /** The documents as YAML text, comments kept. */
  yaml: string
  objects: KubernetesObject[]
}

/**
 * Renders a template. Every value is checked against its parameter first; `problems` of the error begin with the
 * value's path. Output that is no YAML or no Kubernetes object is an error at its line of the template.
 */
export function renderTemplate(template: Template, given: Record<string, unknown>): Rendering {
  const { values, problems } = checkValues(template.parameters, given)
  if (problems.length > 0) throw new BadValues(template, problems)
  const placeholders = new Placeholders()
  const { text, lineOf } = readLines(fillIn(template, values, placeholders))
  return parseOutput(template, { text, lineOf, placeholders })
}

/** Values that do not fit a template; `valueProblems` let the caller say where in its own file they stand. */
export class BadValues extends LabError {
  constructor(
    template: Template,
    readonly valueProblems: SourceProblem[],
  ) {
    super({
      code: 'bad-input',
      message: `the values for the template ${template.name} are not right`,
      problems: valueProblems.map(({ path, problem, fix }) => `${describePath(path)}: ${problem} (${fix})`),
      hint: `ztlab render ${template.name}${requiredOf(template)}`,
    })
  }
}

/** ` namespace=…` for each parameter that has to be given. */
function requiredOf({ parameters }: Template): string {
  return Object.entries(parameters)
    .filter(([, parameter]) => parameter.default === undefined && !parameter.optional)
    .map(([key]) => ` ${key}=…`)
    .join('')
}

const helper = 'value'

function fillIn(template: Template, values: Record<string, unknown>, placeholders: Placeholders): string {
  const handlebars = Handlebars.create()
  const atLine = (line: number, problem: string) =>
    badTemplate(template.file, [`${template.file}:${line}:1 ${problem}`])
  handlebars.registerHelper('eq', (left: unknown, right: unknown) => left === right)
  handlebars.registerHelper(
    helper,
    (value: unknown, options: Handlebars.HelperOptions & { hash: { line: number } }) => {
      if (value === undefined || value === null) {
        throw atLine(
          options.hash.line,
          'this value was not given (guard it with {{#if}}, or give the parameter a default)',
        )
      }
      return new Handlebars.SafeString(placeholders.add(value))
    },
  )
  try {
    const program = instrument(Handlebars.parse(template.text), {
      helper,
      declared: template.parameters,
      atLine,
    })
    return handlebars.compile(program, {
      strict: true,
      knownHelpersOnly: true,
      knownHelpers: { eq: true, [helper]: true },
    })(values)
  } catch (error) {
    if (error instanceof LabError) throw error
    const line = Number(/(?:on line|- ) ?(\d+)(?::\d+)?/.exec(messageOf(error))?.[1] ?? 1)
    throw atLine(
      line,
      `${messageOf(error).split('\n')[0]!.replace(/:$/, '')} (correct the Handlebars expression)`,
    )
  }
}

interface Output {
  text: string
  /** Line of the template that a line of the output came from. */
  lineOf: (line: number) => number
  placeholders: Placeholders
}

function parseOutput(template: Template, { text, lineOf, placeholders }: Output): Rendering {
  const lines = new LineCounter()
  // A value may be `<<`.
  const documents = parseAllDocuments(text, { ...kubernetesYaml, merge: false, lineCounter: lines })
  if (!Array.isArray(documents) || documents.length === 0) {
    throw badTemplate(template.file, [`${template.file}:1:1 the output is empty (write at least one object)`])
  }
  const located = ({ offset, problem, fix }: ObjectProblem) =>
    `${template.file}:${lineOf(lines.linePos(offset).line)}:1 ${problem} (${fix})`
  const objects: KubernetesObject[] = []
  const problems = documents.flatMap((document) => {
    const refused = [...syntaxProblems(document)]
    if (refused.length === 0) refused.push(...placeholders.fill(document))
    if (refused.length > 0) return refused.map(located)
    const read = readObjects(document)
    objects.push(...read.objects.map(({ object }) => object))
    return read.problems.map(located)
  })
  if (problems.length > 0) throw badTemplate(template.file, problems)
  return {
    yaml: documents
      .map((document) =>
        document.toString({ lineWidth: 0, flowCollectionPadding: false }).replace(/^---\n/, ''),
      )
      .join('---\n'),
    objects,
  }
}
