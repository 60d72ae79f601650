import { type KnownDifference, knownDifferences } from './known-differences.ts'
import type { Answer } from './run-session.ts'
import type { Step } from './session.ts'

export interface Difference {
  run: string
  recorded: string[]
  here: string[]
}

/** Where answers differ from those that were recorded on a real cluster; `used` collects the reasons that were needed. */
export function compare(
  steps: Step[],
  answers: { recorded: Answer[]; here: Answer[] },
  used: Set<KnownDifference>,
): Difference[] {
  return steps.flatMap((step, index) => {
    if (step.incomparable) return []
    const recorded = linesOf(answers.recorded[index])
    const here = linesOf(answers.here[index])
    if (recorded.join('\n') === here.join('\n')) return []
    const known = knownDifferences.filter(({ run }) => run.test(step.run))
    const compared = (lines: string[]) => lines.filter((line) => !known.some((each) => each.lines.test(line)))
    for (const each of known) if (hasDifference(recorded, here, each)) used.add(each)
    if (compared(recorded).join('\n') === compared(here).join('\n')) return []
    return [{ run: step.run, ...onlyOnOne(compared(recorded), compared(here)) }]
  })
}

function linesOf(answer: Answer | undefined): string[] {
  if (!answer) return ['(no answer)']
  return [`exit code ${answer.code}`, ...answer.stdout.split('\n'), ...answer.stderr.split('\n')]
}

function hasDifference(recorded: string[], here: string[], { lines }: KnownDifference): boolean {
  const of = (all: string[]) => all.filter((line) => lines.test(line)).join('\n')
  return of(recorded) !== of(here)
}

function onlyOnOne(recorded: string[], here: string[]): { recorded: string[]; here: string[] } {
  const [left, right] = [new Set(recorded), new Set(here)]
  const differing = {
    recorded: recorded.filter((line) => !right.has(line)),
    here: here.filter((line) => !left.has(line)),
  }
  // The same lines in another order.
  return differing.recorded.length + differing.here.length > 0 ? differing : { recorded, here }
}
