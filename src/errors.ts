/** Exit codes of every ztlab command. The only place where they are written as numbers. */
export const exitCodes = { asExpected: 0, finding: 1, badInput: 2, environment: 3, interrupted: 130 } as const

/** Every way a command can fail that a user can do something about, and the exit code it ends with. */
export const errorCodes = {
  'bad-input': exitCodes.badInput,
  'not-found': exitCodes.badInput,
  'missing-package': exitCodes.environment,
  'missing-permission': exitCodes.environment,
  'cluster-failed': exitCodes.environment,
  'cluster-unreachable': exitCodes.environment,
  'enforces-nothing': exitCodes.environment,
  'command-failed': exitCodes.environment,
  timeout: exitCodes.environment,
  unsupported: exitCodes.environment,
  interrupted: exitCodes.interrupted,
} as const

export type ErrorCode = keyof typeof errorCodes

/** What went wrong (message), why (cause), and what to type next (hint). */
export interface LabErrorFields {
  code: ErrorCode
  message: string
  /** Why: an error, or a sentence. */
  cause?: unknown
  /** A command to type or a thing to change. */
  hint?: string
  /** One line each: `file:line:col path: problem (fix)`. */
  problems?: string[]
}

/**
 * A failure that a user can understand and act on; anything else that is thrown is a bug of ours.
 * Recognised by its brand, because under Jest errors of another realm fail `instanceof`.
 */
export class LabError extends Error {
  readonly isLabError = true
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly problems: string[]

  constructor(fields: LabErrorFields) {
    super(fields.message, { cause: fields.cause })
    this.name = 'LabError'
    this.code = fields.code
    this.hint = fields.hint
    this.problems = fields.problems ?? []
  }

  get exitCode(): number {
    return errorCodes[this.code]
  }
}

export function isLabError(error: unknown): error is LabError {
  return typeof error === 'object' && error !== null && 'isLabError' in error
}

/** The message of anything that was thrown, on one line. */
export function messageOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
  return message.trim()
}
