import type { WebSocket } from 'ws'
import { keepPinging } from './keep-pinging.ts'

/** The longest message that is taken, and as much as is kept for a client that does not read what it asks for. */
export const maxMessageBytes = 16 * 1024 * 1024

/** Sends on one of the channels of Kubernetes' protocols: the first byte of each message. */
export type SendOn = (channel: number, chunk: Buffer, sent?: (error?: Error | null) => void) => void

export function sendOn(socket: WebSocket): SendOn {
  return (channel, chunk, sent) => socket.send(Buffer.concat([Buffer.of(channel), chunk]), sent)
}

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
  private stopPinging: (() => void) | null = null

  constructor(private readonly socket: WebSocket) {
    socket.once('close', () => this.stopPinging?.())
  }

  begin(): void {
    this.socket.pause()
    this.stopPinging ??= keepPinging(() => this.socket.ping())
  }

  end(): void {
    this.stopPinging?.()
    this.stopPinging = null
    this.socket.resume()
  }
}
