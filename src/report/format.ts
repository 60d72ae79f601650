import type { Comparison } from '../matrix/index.ts'
import { jsonDocument } from './json-document.ts'
import { comparisonJunit, labRunJunit } from './junit.ts'
import type { LabRun } from './lab-run.ts'
import { comparisonMarkdown, labRunMarkdown } from './markdown.ts'
import { comparisonText, labRunText } from './text.ts'
import { type TextStyle, textStyle } from './text-style.ts'

export const reportFormats = ['text', 'json', 'junit', 'markdown'] as const
export type ReportFormat = (typeof reportFormats)[number]

const plain = textStyle({ color: false, width: 120 })

/** A run in one of the formats, ending with a newline. `style` is for text alone. */
export function formatLabRun(run: LabRun, format: ReportFormat, style: TextStyle = plain): string {
  switch (format) {
    case 'text':
      return labRunText(run, style)
    case 'json':
      return `${JSON.stringify(run, null, 2)}\n`
    case 'junit':
      return labRunJunit(run)
    case 'markdown':
      return labRunMarkdown(run)
  }
}

/** A comparison without a lab around it. As JSON it is a document of its own kind. */
export function formatComparison(
  comparison: Comparison,
  format: ReportFormat,
  style: TextStyle = plain,
): string {
  switch (format) {
    case 'text':
      return comparisonText(comparison, style)
    case 'json':
      return jsonDocument('Comparison', comparison)
    case 'junit':
      return comparisonJunit(comparison)
    case 'markdown':
      return comparisonMarkdown(comparison)
  }
}
