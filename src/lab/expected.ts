import { type ExpectedTable, parseExpectedTable } from '../matrix/index.ts'
import type { SourceProblem } from '../yaml-source.ts'
import type { Expected } from './lab.ts'

/** The matrix that a step expects; `pods` are those that `others` speaks of. Problems begin below `expect`. */
export function readExpected(
  table: ExpectedTable,
  pods: string[],
): { expected: Expected; problems: SourceProblem[] } {
  const { cells, problems } = parseExpectedTable(table, pods)
  return {
    expected: { cells },
    problems: problems.map(({ key, within, problem, fix }) => ({ path: [key], within, problem, fix })),
  }
}
