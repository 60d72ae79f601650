import type { FieldProblem } from '../admit/index.ts'

/** A field that its kind does not have: a strict server refuses it, others drop it and keep the rest. */
export function isUnknownField({ message }: FieldProblem): boolean {
  return message === 'unknown field'
}
