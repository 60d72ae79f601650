import { type ComparedCell, describeEdge, type Verdict } from '../matrix/index.ts'
import { printable } from '../printable.ts'

/** One character per verdict: open, closed by policy, closed for another reason, nothing known. */
export const glyphs: Record<Verdict, string> = {
  allowed: '✓',
  dropped: '✗',
  rejected: '✗',
  refused: '○',
  unreachable: '○',
  'dns-failure': '○',
  unproven: '?',
  flapping: '~',
  unsupported: '-',
  error: '!',
  'not-run': '-',
}

/** `✓ allowed`, with what was expected behind it where that is something else. */
export function cellWord({ measured, expected, predicted, ok }: ComparedCell): string {
  const word = `${glyphs[measured]} ${measured}`
  if (ok) return word
  return `${word} ≠ ${expected ?? predicted ?? 'an answer'}`
}

/** A mismatch in full: the edge, the three answers, why, and which of them is the odd one out. */
export function describeMismatch(cell: ComparedCell): { edge: string; answers: string; lines: string[] } {
  const answers = [
    cell.expected === null ? null : `expected ${cell.expected}`,
    cell.predicted === null ? null : `predicted ${cell.predicted}`,
    `measured ${cell.measured}`,
  ].filter((answer) => answer !== null)
  return {
    edge: describeEdge(cell),
    answers: answers.join(', '),
    lines: [
      `packets: ${printable(cell.reason)}`,
      ...(cell.predictedReason === null ? [] : [`policies: ${printable(cell.predictedReason)}`]),
      `so: ${conclusion(cell)}`,
    ],
  }
}

/** `1 edge`, `2 edges`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Every column of a matrix has the port in its name. */
export function destinationOf({ to, protocol, port }: ComparedCell): string {
  return to.startsWith('dns:') ? to : `${to}:${protocol}/${port}`
}

function conclusion(cell: ComparedCell): string {
  const isAnswer = !['error', 'not-run', 'unsupported', 'flapping', 'unproven'].includes(cell.measured)
  if (!isAnswer) return 'this is no answer about the network; it never passes as a denial'
  switch (cell.oddOneOut) {
    case 'expected':
      return 'packets and policies agree with each other; change the policy, or what is expected'
    case 'predicted':
      return 'packets do what is expected, and the policy engine says otherwise; the engine is wrong here'
    case 'measured':
      return 'policies say what is expected, and packets do otherwise; look at enforcement and at the listener'
    default:
      return cell.predicted === null
        ? 'the policy engine cannot know this one; change the cluster, or what is expected'
        : 'no two of them agree'
  }
}
