import { type Edge, type Expectation, edgeKey, meets, type Verdict } from './edge.ts'
import type { Cell, ComparedCell } from './matrix.ts'
import type { Prediction } from './predict.ts'

/** An edge and what its author expects; null where nobody said. */
export interface Question extends Edge {
  expectation: Expectation | null
}

export interface Answers {
  questions: Question[]
  predicted: Prediction[]
  measured: Cell[]
}

/** Puts the three answers to each question side by side. */
export function compare({ questions, predicted, measured }: Answers): ComparedCell[] {
  const predictions = new Map(predicted.map((cell) => [edgeKey(cell), cell]))
  const measurements = new Map(measured.map((cell) => [edgeKey(cell), cell]))
  return questions.map(({ expectation, ...edge }) => {
    const key = edgeKey(edge)
    const prediction = predictions.get(key)
    const measurement = measurements.get(key)
    const answers = {
      expected: expectation,
      predicted: prediction?.verdict ?? null,
      measured: measurement?.verdict ?? ('not-run' as const),
    }
    const oddOneOut = findOddOneOut(answers)
    return {
      ...edge,
      ...answers,
      reason: measurement?.reason ?? 'it was not measured',
      predictedReason: prediction?.reason ?? null,
      ok: oddOneOut === null && !isFailure(answers),
      oddOneOut,
    }
  })
}

/** Whether a measured cell is other than what was expected or, where nobody expects, predicted. */
export function surprises(question: Question, predicted: Verdict | null, measured: Verdict): boolean {
  return (
    findOddOneOut({ expected: question.expectation, predicted, measured }) !== null ||
    isFailure({ expected: question.expectation, measured })
  )
}

/** Whether what the engine says is borne out: it knows policies, not listeners or routes. */
export function agrees(predicted: Verdict, measured: Verdict): boolean {
  if (predicted === 'allowed') return measured === 'allowed' || measured === 'refused'
  if (predicted === 'dropped') return meets(measured, 'deny') || measured === 'unproven'
  return predicted === measured
}

const saysNothing: Verdict[] = ['flapping', 'unsupported', 'error', 'not-run']

interface ThreeAnswers {
  expected: Expectation | null
  predicted: Verdict | null
  measured: Verdict
}

function findOddOneOut({ expected, predicted, measured }: ThreeAnswers): ComparedCell['oddOneOut'] {
  const asExpected = expected === null || meets(measured, expected)
  // A probe that could not run says nothing of the network: it bears out nobody, and contradicts nobody.
  const isSilent = saysNothing.includes(measured)
  const asPredicted = predicted === null || agrees(predicted, measured)
  if (asExpected && (asPredicted || (isSilent && expected !== null))) return null
  if (expected === null || predicted === null) return 'all'
  if (asExpected) return 'predicted'
  if (foresees(predicted, expected)) return 'measured'
  return asPredicted ? 'expected' : 'all'
}

/** Whether the engine says what the author says, as far as it can know. */
function foresees(predicted: Verdict, expected: Expectation): boolean {
  if (meets(predicted, expected)) return true
  return predicted === 'allowed'
    ? expected === 'refused'
    : predicted === 'dropped' && (expected === 'rejected' || expected === 'unproven')
}

/** Where nobody expects anything, a verdict that says nothing about the network still fails. */
function isFailure({ expected, measured }: Pick<ThreeAnswers, 'expected' | 'measured'>): boolean {
  return expected === null && (measured === 'unproven' || saysNothing.includes(measured))
}
