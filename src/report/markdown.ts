import type { ComparedCell, Comparison } from '../matrix/index.ts'
import { cellWord, count, describeMismatch, destinationOf } from './cell-words.ts'
import type { LabRun, StepRun } from './lab-run.ts'

/** A run as Markdown, e.g. for a pull request: a heading per step, its matrix, every mismatch. */
export function labRunMarkdown(run: LabRun): string {
  const edges = run.steps.flatMap(({ cells }) => cells).length
  const head = [
    `# ${run.ok ? '✓' : '✗'} ${run.lab.title}`,
    `Lab \`${run.lab.id}\` on cluster \`${run.cluster.name}\` (${run.cluster.backend}, ${count(run.cluster.nodes, 'node')}): ` +
      `${count(run.steps.length, 'step')}, ${count(edges, 'edge')}, ${(run.durationMs / 1000).toFixed(1)} s.`,
    ...(run.cluster.sharesPolicyModel
      ? ['Predicted and measured come from one policy model on this cluster.']
      : []),
  ]
  return `${[...head, ...run.steps.flatMap(stepBlocks)].join('\n\n')}\n`
}

export function comparisonMarkdown({ cells, ok, execs, durationMs }: Comparison): string {
  const head = `# ${ok ? '✓ as expected' : '✗ not as expected'}`
  const facts = `${count(cells.length, 'edge')} in ${count(execs, 'exec')}, ${(durationMs / 1000).toFixed(1)} s.`
  return `${[head, facts, ...matrixBlocks(cells)].join('\n\n')}\n`
}

function stepBlocks(step: StepRun, index: number): string[] {
  const applied = step.applied.map(
    ({ source, yaml }) =>
      `<details><summary>applied ${source}</summary>\n\n\`\`\`yaml\n${yaml.trimEnd()}\n\`\`\`\n\n</details>`,
  )
  const deleted = step.deleted.length > 0 ? [`Deleted: ${step.deleted.join(', ')}.`] : []
  const failed = step.commands.filter(({ ok }) => !ok)
  return [
    `## ${index + 1}. ${step.title} ${step.ok ? '✓' : '✗'}`,
    ...deleted,
    ...applied,
    ...matrixBlocks(step.cells),
    ...failed.map(
      ({ pod, command, reason }) => `- **${escapeCell(pod)} $ ${escapeCell(command.join(' '))}**: ${reason}`,
    ),
    ...step.explanations.map(({ edge, text }) => `Why ${edge}: ${text}`),
  ]
}

function matrixBlocks(cells: ComparedCell[]): string[] {
  if (cells.length === 0) return []
  const sources = [...new Set(cells.map(({ from }) => from))]
  const rows = [...new Set(cells.map(destinationOf))]
  const byPlace = new Map(cells.map((cell) => [`${cell.from}|${destinationOf(cell)}`, cell]))
  const line = (words: string[]) => `| ${words.map(escapeCell).join(' | ')} |`
  const table = [
    line(['to \\ from', ...sources]),
    line(['---', ...sources.map(() => '---')]),
    ...rows.map((row) =>
      line([
        row,
        ...sources.map((from) => {
          const cell = byPlace.get(`${from}|${row}`)
          return cell ? cellWord(cell) : ''
        }),
      ]),
    ),
  ].join('\n')
  const wrong = cells
    .filter(({ ok }) => !ok)
    .map((cell) => {
      const { edge, answers, lines } = describeMismatch(cell)
      return [`- **${edge}**: ${answers}`, ...lines.map((text) => `  - ${escapeHtml(text)}`)].join('\n')
    })
  return [table, ...(wrong.length > 0 ? [wrong.join('\n')] : [])]
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function escapeCell(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ')
}
