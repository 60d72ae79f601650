import { type ComparedCell, type Comparison, describeEdge } from '../matrix/index.ts'
import { printable } from '../printable.ts'
import { describeMismatch } from './cell-words.ts'
import type { CommandRun, LabRun } from './lab-run.ts'

/** JUnit XML: a suite per step, a case per edge and per command, the reason in each failure. */
export function labRunJunit(run: LabRun): string {
  const suites = run.steps.map((step) => ({
    name: `${run.lab.id}.${step.name}`,
    durationMs: step.durationMs,
    cases: [
      ...step.commands.map((command) => commandCase(command, `${run.lab.id}.${step.name}`)),
      ...step.cells.map((cell) => edgeCase(cell, `${run.lab.id}.${step.name}`)),
    ],
  }))
  return document(run.lab.id, run.durationMs, suites)
}

export function comparisonJunit({ cells, durationMs }: Comparison): string {
  return document('matrix', durationMs, [
    { name: 'matrix', durationMs, cases: cells.map((cell) => edgeCase(cell, 'matrix')) },
  ])
}

interface Case {
  classname: string
  name: string
  failure: { message: string; text: string } | null
  output: string
}

interface Suite {
  name: string
  durationMs: number
  cases: Case[]
}

function edgeCase(cell: ComparedCell, classname: string): Case {
  const { answers, lines } = describeMismatch(cell)
  return {
    classname,
    name: describeEdge(cell),
    failure: cell.ok ? null : { message: answers, text: lines.join('\n') },
    output: `${answers}\n${lines.slice(0, -1).join('\n')}`,
  }
}

function commandCase({ pod, command, output, reason }: CommandRun, classname: string): Case {
  const failure = reason === null ? null : { message: reason, text: output }
  return { classname, name: `${pod} $ ${command.join(' ')}`, failure, output }
}

function document(name: string, durationMs: number, suites: Suite[]): string {
  const lines = suites.flatMap(({ name, durationMs, cases }) => [
    `  <testsuite${attributes({ name, ...counts(cases), time: seconds(durationMs) })}>`,
    ...cases.flatMap(drawCase),
    '  </testsuite>',
  ])
  const all = suites.flatMap(({ cases }) => cases)
  const head = `<testsuites${attributes({ name, ...counts(all), time: seconds(durationMs) })}>`
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...lines, '</testsuites>', ''].join('\n')
}

function drawCase({ classname, name, failure, output }: Case): string[] {
  const open = `    <testcase${attributes({ classname, name })}>`
  const body = failure
    ? `      <failure${attributes({ message: failure.message })}>${escapeXml(failure.text)}</failure>`
    : `      <system-out>${escapeXml(output)}</system-out>`
  return [open, body, '    </testcase>']
}

function counts(cases: Case[]): { tests: number; failures: number } {
  return { tests: cases.length, failures: cases.filter(({ failure }) => failure).length }
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value)).replace(/\n/g, '&#10;')}"`)
    .join('')
}

/** XML 1.0 has no place for control characters, escaped or not. */
function escapeXml(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}
