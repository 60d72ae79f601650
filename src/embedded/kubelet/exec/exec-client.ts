import type { Readable, Writable } from 'node:stream'
import type { WindowSizes } from './window-sizes.ts'

/** Which streams a client asks for. */
export interface WantedStreams {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  /** Then there is no stderr, and it may say how large its window is. */
  tty: boolean
}

/** A client of exec or attach, whatever it speaks. What it says before anybody listens waits. */
export interface ExecClient {
  /** What it types; null where it wants to type nothing. It ends or is closed with the client, too. */
  stdin: Readable | null
  /** Takes what the process says, as fast as the client does; drops it where it is not wanted. Closed with the client. */
  stdout: Writable
  stderr: Writable
  sizes: WindowSizes
  /** Tells it by a `Status` how the process has ended, after both outputs have ended, and closes the connection. */
  finish(status: object): void
  /** Resolves once it is not there any more. */
  gone: Promise<void>
}
