import type { Comparison } from '../matrix/index.ts'
import { printable } from '../printable.ts'
import { count } from './cell-words.ts'
import type { CommandRun, LabRun, StepRun } from './lab-run.ts'
import { terminalMarkdown } from './terminal-markdown.ts'
import { textMatrix } from './text-matrix.ts'
import type { TextStyle } from './text-style.ts'

/** A run for people, whole. A live run prints the same pieces as they come. */
export function labRunText(run: LabRun, style: TextStyle): string {
  const steps = run.steps.map((step, index) =>
    [textStepIntro(step, { number: index + 1, of: run.steps.length, style }), textStepResult(step, style)]
      .filter((part) => part !== '')
      .join('\n\n'),
  )
  return `${[textLabIntro({ ...run.lab, intro: null }, style), ...steps, textSummary(run, style)].join('\n\n')}\n`
}

export function comparisonText(comparison: Comparison, style: TextStyle): string {
  const wrong = comparison.cells.filter(({ ok }) => !ok).length
  const verdict =
    wrong === 0
      ? style.good(`${count(comparison.cells.length, 'edge')}, all as expected`)
      : style.bad(`${wrong} of ${comparison.cells.length} edges are not as expected`)
  return `${textMatrix(comparison.cells, style)}\n\n${verdict} (${count(comparison.execs, 'exec')}, ${seconds(comparison.durationMs)})\n`
}

export function textLabIntro(
  { title, intro }: { title: string; intro: string | null },
  style: TextStyle,
): string {
  return intro ? `${style.title(title)}\n\n${terminalMarkdown(intro, style)}` : style.title(title)
}

/** What is shown before a step: its title and what it teaches. */
export function textStepIntro(
  step: Pick<StepRun, 'name' | 'title' | 'teach' | 'mistake'>,
  { number, of, style }: { number: number; of: number; style: TextStyle },
): string {
  const title = style.title(`Step ${number}/${of}  ${step.title}`)
  return step.teach ? `${title}\n\n${terminalMarkdown(step.teach, style)}` : title
}

/** What is shown after it: what was applied, the matrix, why, and what to look at. */
export function textStepResult(step: StepRun, style: TextStyle): string {
  const parts = [
    step.deleted.map((object) => style.dim(`  deleted ${object}`)).join('\n'),
    ...step.applied.map(({ source, yaml }) => `  applied ${source}\n${indent(yaml, '    ', style)}`),
    ...step.commands.map((command) => textCommand(command, style)),
    textMatrix(step.cells, style),
    ...step.explanations.map(
      ({ edge, text }) => `  ${style.bold(`why ${edge}`)}\n${indent(printable(text), '    ')}`,
    ),
    ...step.inspections.map(
      ({ pod, text }) => `  ${style.bold(`inspect ${pod}`)}\n${indent(printable(text), '    ')}`,
    ),
    textStepVerdict(step, style),
    step.look ? `  ${style.bold('Look')}\n${terminalMarkdown(step.look, style)}` : '',
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

export function textSummary(run: LabRun, style: TextStyle): string {
  const cells = run.steps.flatMap(({ cells }) => cells)
  const wrong = run.steps.filter(({ ok }) => !ok).map(({ name }) => name)
  const lines = [
    run.ok
      ? style.good(
          `✓ ${run.lab.id}: ${count(run.steps.length, 'step')}, ${count(cells.length, 'edge')}, all as expected`,
        )
      : style.bad(`✗ ${run.lab.id}: not as expected in ${wrong.join(', ')}`),
    `  cluster ${run.cluster.name} (${run.cluster.backend}, ${count(run.cluster.nodes, 'node')}), ${seconds(run.durationMs)}`,
  ]
  if (run.cluster.sharesPolicyModel) {
    lines.push(style.dim('  predicted and measured come from one policy model on this cluster'))
  }
  return lines.join('\n')
}

function textStepVerdict(step: StepRun, style: TextStyle): string {
  const wrong = step.cells.filter(({ ok }) => !ok).length + step.commands.filter(({ ok }) => !ok).length
  const details = [
    ...(step.settleMs === null ? [] : [`enforced in ${step.settleMs} ms`]),
    ...(step.execs === 0
      ? []
      : [`${count(step.cells.length, 'edge')} in ${count(step.execs, 'exec')}, ${seconds(step.measureMs)}`]),
  ]
  const end = details.length > 0 ? style.dim(` (${details.join('; ')})`) : ''
  if (wrong > 0) return `  ${style.bad(`✗ ${wrong} not as expected`)}${end}`
  const word = step.mistake ? 'as expected: this is what the mistake does' : 'as expected'
  return `  ${style.good(`✓ ${step.cells.length + step.commands.length === 0 ? 'done' : word}`)}${end}`
}

function textCommand({ pod, command, output, ok, reason }: CommandRun, style: TextStyle): string {
  const head = `  ${style.dim(`${pod} $`)} ${command.join(' ')}`
  const body = output.trim() === '' ? '' : `\n${indent(printable(output), '    ')}`
  return ok ? `${head}${body}` : `${head}${body}\n  ${style.bad(`≠ ${reason}`)}`
}

function indent(text: string, by: string, style?: TextStyle): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `${by}${style ? style.dim(line) : line}`))
    .join('\n')
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
