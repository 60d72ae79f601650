import type { TerminalSize } from '../../runtime/index.ts'

/** Far more than the two numbers of a size need. */
const maxLineLength = 1024

/**
 * How large a client's window is, as it says it: lines of JSON, `{"Width":…,"Height":…}`. Words that are no size are
 * passed over. Of what is said before anybody listens, the last counts.
 */
export class WindowSizes {
  private rest = ''
  private last: TerminalSize | null = null
  private tell: (size: TerminalSize) => void = () => undefined

  /** Takes what comes, in pieces of any size. */
  take(text: string): void {
    const lines = (this.rest + text).split('\n')
    this.rest = lines.pop()!.slice(0, maxLineLength)
    for (const line of lines) {
      const size = sizeOf(line)
      if (!size) continue
      this.last = size
      this.tell(size)
    }
  }

  listen(tell: (size: TerminalSize) => void): void {
    this.tell = tell
    if (this.last) tell(this.last)
  }
}

function sizeOf(line: string): TerminalSize | null {
  if (line.length > maxLineLength) return null
  try {
    const { Width, Height } = JSON.parse(line)
    return isCount(Width) && isCount(Height) ? { rows: Height, columns: Width } : null
  } catch {
    return null
  }
}

/** As a terminal has them: 16 bits each. */
function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65_536
}
