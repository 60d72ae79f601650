import { percentile } from './statistics.ts'

/** One line of the table. */
export function row(title: string, figures: string, note: string): void {
  process.stdout.write(`${title.padEnd(44)} ${figures.padEnd(46)} ${note}\n`)
}

/** Times of the same thing, done again and again. */
export function report(title: string, timesMs: number[], aim: string): void {
  const of = (share: number) => `${Math.round(percentile(timesMs, share)).toLocaleString('en')} ms`
  const figures = `min ${of(0)}, median ${of(0.5)}, max ${of(1)}`
  row(title, timesMs.length > 1 ? `${figures} (${timesMs.length})` : of(1), aim)
}
