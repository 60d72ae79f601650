import type { Inspection } from './inspection.ts'

/** An inspection for people: each section, what it means, and the command that shows it. */
export function renderInspection({ pod, node, address, cluster, sections }: Inspection): string {
  const head = `pod ${pod} (${address}) on ${node} of ${cluster.backend} cluster ${cluster.name}`
  const parts = sections.map(({ title, meaning, lines, command }) =>
    [title.toUpperCase(), `  ${meaning}`, `  $ ${command}`, ...lines.map((line) => `    ${line}`)].join('\n'),
  )
  return [head, ...parts].join('\n\n')
}
