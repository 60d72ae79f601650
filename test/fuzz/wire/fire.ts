import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Shot } from './shot.ts'

/** Where shots go: TLS, which wants a token, or the Unix socket of the cluster's own parts. */
export interface Aimed {
  port: number
  ca: string
  socketPath: string
}

export interface Hit {
  /** Null where the connection ended without a word. */
  code: number | null
  head: string
  body: string
}

/** A server that may wait for more of a request gets its end after this time. */
const patienceMs = 200
const deadlineMs = 20_000
/** What frames behind an upgrade may take to be answered, if anything answers. */
const framesMs = 30

/** Sends one shot over a connection of its own and waits for what comes back. */
export function fire(shot: Shot, aimed: Aimed, isLocal: boolean): Promise<Hit> {
  return new Promise((resolve) => {
    const { port, ca, socketPath } = aimed
    const socket = isLocal ? connectPlain(socketPath) : connectTls({ port, host: '127.0.0.1', ca })
    const chunks: Buffer[] = []
    let isUpgraded = false
    const impatient = setTimeout(() => socket.end(), shot.isPartial ? patienceMs : deadlineMs)
    const timers = [impatient, setTimeout(() => socket.destroy(), deadlineMs)]
    socket.once(isLocal ? 'connect' : 'secureConnect', () => socket.write(shot.bytes))
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      clearTimeout(impatient)
      if (isUpgraded || !Buffer.concat(chunks).toString('latin1', 0, 13).startsWith('HTTP/1.1 101')) return
      isUpgraded = true
      if (shot.frames) socket.write(shot.frames)
      timers.push(setTimeout(() => socket.destroy(), shot.staysMs ?? framesMs))
    })
    socket.on('close', () => {
      for (const timer of timers) clearTimeout(timer)
      resolve(hitOf(Buffer.concat(chunks)))
    })
    endAtAnswer(socket, chunks)
  })
}

/** A server may keep a connection open after its answer: the client of this shot does not. */
function endAtAnswer(socket: Socket, chunks: Buffer[]): void {
  socket.on('data', () => {
    const { head, body } = hitOf(Buffer.concat(chunks))
    const length = /^content-length: (\d+)/im.exec(head)?.[1]
    if (length !== undefined && Buffer.byteLength(body, 'latin1') >= Number(length)) socket.destroy()
  })
}

function hitOf(bytes: Buffer): Hit {
  const text = bytes.toString('latin1')
  const code = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]
  const end = text.indexOf('\r\n\r\n')
  if (code === undefined || end < 0) return { code: null, head: '', body: '' }
  return { code: Number(code), head: text.slice(0, end), body: text.slice(end + 4) }
}
