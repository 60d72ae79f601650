import { text } from 'node:stream/consumers'
import { type LoadedDocument, type LoadedDocuments, loadDocuments } from '../../documents/index.ts'
import { exitCodes, LabError } from '../../errors.ts'
import { assignSuppressions, isAtLeast, lint, type Severity } from '../../policy/index.ts'
import { formatLint, type LintFormat, textStyle } from '../../report/index.ts'
import type { CommandContext, CommandHandler } from '../command.ts'
import { version } from '../version.ts'
import { demandText, sayIgnored } from './policy-input.ts'

export const lintCommand: CommandHandler = async (context) => {
  const { options, output } = context
  const loaded = await read(context)
  const byObject = new Map(loaded.documents.map((document) => [document.written, document]))
  const report = lint([...byObject.keys()], {
    suppressions: suppressionsIn(loaded),
    locate: (object, path) => {
      const document = byObject.get(object)
      return document && { file: document.file, ...document.locate(path) }
    },
  })
  // The option's own choices are these, not those of other commands.
  const format = options.output as LintFormat
  const style = textStyle(output.resultStyle)
  const formatted = formatLint(report, format, { version: version(), style })
  if (formatted !== '') output.result(formatted)
  const threshold = options.failOn as Severity
  const failed = report.findings.some(({ severity }) => isAtLeast(severity, threshold))
  return failed ? exitCodes.finding : exitCodes.asExpected
}

/** Throws `bad-input` for what is no Kubernetes object at all; policies that are wrong are what lint is for. */
async function read({ options, output, stdin }: CommandContext): Promise<LoadedDocuments> {
  const paths = options.filename ?? []
  if (paths.length === 0)
    throw new LabError({
      code: 'bad-input',
      message: 'nothing to lint',
      hint: 'ztlab lint -f FILE or FOLDER',
    })
  const loaded = loadDocuments(paths, {
    stdin: paths.includes('-') ? await text(stdin) : undefined,
    lenient: true,
  })
  sayIgnored(loaded, output)
  demandText(loaded, paths)
  if (loaded.problems.length === 0) return loaded
  throw new LabError({
    code: 'bad-input',
    message: 'not everything in the files can be read',
    problems: loaded.problems,
    hint: 'correct the files',
  })
}

function suppressionsIn({ documents, texts }: LoadedDocuments) {
  return [...texts].flatMap(([file, content]) => {
    const inFile = documents.filter((document) => document.file === file)
    return assignSuppressions(content, inFile.map(asLinted))
  })
}

function asLinted({ written, line }: LoadedDocument) {
  return { object: written, line }
}
