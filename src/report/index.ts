export { describeMismatch } from './cell-words.ts'
export {
  type ExplainedEndpoint,
  endpointsJson,
  endpointsMarkdown,
  endpointsText,
  explanationJson,
  explanationMarkdown,
  explanationText,
} from './explanation.ts'
export { exposureJson, exposureText } from './exposure.ts'
export { formatComparison, formatLabRun, type ReportFormat, reportFormats } from './format.ts'
export { jsonDocument } from './json-document.ts'
export type { AppliedManifest, CommandRun, Explanation, Inspection, LabRun, StepRun } from './lab-run.ts'
export { formatLint, type LintFormat, lintFormats } from './lint.ts'
export { policyDiffJson, policyDiffText } from './policy-diff.ts'
export { connectionsText, policyMatrixText } from './policy-matrix.ts'
export { connectionsJson, policyMatrixJson } from './policy-matrix-json.ts'
export { terminalMarkdown } from './terminal-markdown.ts'
export { textLabIntro, textStepIntro, textStepResult, textSummary } from './text.ts'
export { textMatrix } from './text-matrix.ts'
export { type TextStyle, textStyle } from './text-style.ts'
