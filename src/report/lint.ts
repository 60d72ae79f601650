import type { LintReport } from '../policy/index.ts'
import { lintGithub } from './lint-github.ts'
import { lintJson } from './lint-json.ts'
import { lintSarif } from './lint-sarif.ts'
import { lintText } from './lint-text.ts'
import { type TextStyle, textStyle } from './text-style.ts'

export const lintFormats = ['text', 'json', 'sarif', 'github'] as const
export type LintFormat = (typeof lintFormats)[number]

export interface LintFormatOptions {
  /** Of ztlab, as SARIF names it. */
  version: string
  /** For text alone. */
  style?: TextStyle
}

const plain = textStyle({ color: false, width: 120 })

/** What lint found, in one of the formats, ending with a newline. */
export function formatLint(
  report: LintReport,
  format: LintFormat,
  { version, style = plain }: LintFormatOptions,
): string {
  switch (format) {
    case 'text':
      return lintText(report, style)
    case 'json':
      return lintJson(report)
    case 'sarif':
      return lintSarif(report, version)
    case 'github':
      return lintGithub(report)
  }
}
