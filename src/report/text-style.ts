import type { Verdict } from '../matrix/index.ts'

/** How text looks on a terminal; without colours it is the same text. */
export interface TextStyle {
  /** Columns that prose and tables may take. */
  width: number
  title(text: string): string
  bold(text: string): string
  code(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
  verdict(text: string, verdict: Verdict): string
}

/** Serial consoles say that they have no columns: a width that no prose fits in counts as not known. */
export function textStyle(terminal: { color: boolean; width: number }): TextStyle {
  const { color } = terminal
  const width = terminal.width < 40 ? 100 : terminal.width
  const paint = (code: number) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const [bold, dim, red, green, yellow, cyan] = [1, 2, 31, 32, 33, 36].map(paint) as [
    Paint,
    Paint,
    Paint,
    Paint,
    Paint,
    Paint,
  ]
  return {
    width,
    title: (text) => bold(text),
    bold: (text) => bold(text),
    code: (text) => (color ? cyan(text) : `\`${text}\``),
    dim,
    good: green,
    bad: red,
    verdict: (text, verdict) => {
      if (verdict === 'allowed') return green(text)
      return verdict === 'dropped' || verdict === 'rejected' ? text : yellow(text)
    },
  }
}

type Paint = (text: string) => string
