import { once } from 'node:events'

/** The one place where text is printed: results to stdout, everything else to stderr. */
export interface Output {
  /** What was asked for; the only thing on stdout. */
  result(text: string): void
  /** The same piece by piece, as fast as it is read and as long as anybody reads: for what is larger than memory. */
  stream(pieces: Iterable<string>): Promise<void>
  /** Progress and prose, silenced by `--quiet`. */
  status(text: string): void
  /** Shown with `--verbose` only. */
  detail(text: string): void
  /** An error: always shown. */
  error(text: string): void
  /** Replaces the line it wrote before; only where `isTerminal`. */
  transient(text: string): void
  readonly isTerminal: boolean
  /** Whether and how wide results may be painted. */
  readonly resultStyle: { color: boolean; width: number }
}

export interface OutputStreams {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number }
  stderr: NodeJS.WritableStream & { isTTY?: boolean }
  quiet: boolean
  verbose: boolean
}

export function createOutput({ stdout, stderr, quiet, verbose }: OutputStreams): Output {
  const isTerminal = stderr.isTTY === true && !process.env.CI
  let pending = false

  function line(stream: NodeJS.WritableStream, text: string): void {
    if (pending) stderr.write('\r\x1b[K')
    pending = false
    stream.write(text.endsWith('\n') ? text : `${text}\n`)
  }

  return {
    isTerminal,
    resultStyle: { color: stdout.isTTY === true && !process.env.NO_COLOR, width: stdout.columns ?? 120 },
    result: (text) => line(stdout, text),
    async stream(pieces) {
      for (const piece of pieces) {
        const isTaken = stdout.write(piece) || (await drained(stdout))
        if (!isTaken) return
      }
    },
    status: (text) => {
      if (!quiet) line(stderr, text)
    },
    detail: (text) => {
      if (verbose) line(stderr, text)
    },
    error: (text) => line(stderr, text),
    transient(text) {
      if (quiet || !isTerminal) return
      stderr.write(`\r\x1b[K${text}`)
      pending = text !== ''
    },
  }
}

/** False where nothing can be written any more: the rest is of no use to anyone. */
async function drained(stream: NodeJS.WritableStream): Promise<boolean> {
  try {
    await once(stream, 'drain')
    return true
  } catch {
    // Why, the listener of stdout's errors says.
    return false
  }
}
