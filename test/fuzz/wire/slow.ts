import { connect } from 'node:net'
import type { Aimed } from './fire.ts'

/** Connections that send a byte now and then, and hope to be waited for for ever. */
export interface SlowConnections {
  /** How many the server has cut off by now. */
  cutOff(): number
  close(): void
}

const everyMs = 1000

/** Opens connections whose requests never come to their end: half of them in the head, half in the body. */
export function openSlowly(count: number, { socketPath }: Pick<Aimed, 'socketPath'>): SlowConnections {
  let cutOff = 0
  const body = 'POST /api/v1/namespaces/shop/configmaps HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n'
  const sockets = Array.from({ length: count }, (_each, index) => {
    const socket = connect(socketPath)
    socket.write(index % 2 ? body : 'GET /api HTTP/1.1\r\nX-Slow: ')
    socket.on('error', () => undefined).resume()
    socket.once('close', () => {
      cutOff += 1
    })
    return socket
  })
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write(' ')
  }, everyMs)
  return {
    cutOff: () => cutOff,
    close() {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}
