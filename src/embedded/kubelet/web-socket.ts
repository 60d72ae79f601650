import type { WebSocket } from 'ws'

/** The longest message that is taken, and as much as is kept for a client that does not read what it asks for. */
export const maxMessageBytes = 16 * 1024 * 1024

/** While nothing is read from a client, only what is said to it tells whether it is still there. */
export const pingEveryMs = 5_000

/** Cuts off whoever does not speak WebSocket, or asks for ever more pongs and reads none. */
export function guard(socket: WebSocket): WebSocket {
  // What is wrong with its frames is no fault of ours.
  socket.on('error', () => socket.terminate())
  socket.on('ping', () => {
    if (socket.bufferedAmount > maxMessageBytes) socket.terminate()
  })
  return socket
}

/** Stops reading from a WebSocket while nobody takes what it says; a client that goes meanwhile is noticed. */
export class Pause {
  private pinging: NodeJS.Timeout | undefined

  constructor(private readonly socket: WebSocket) {
    socket.once('close', () => clearInterval(this.pinging))
  }

  begin(): void {
    this.socket.pause()
    this.pinging ??= setInterval(() => this.socket.ping(), pingEveryMs)
  }

  end(): void {
    clearInterval(this.pinging)
    this.pinging = undefined
    this.socket.resume()
  }
}
