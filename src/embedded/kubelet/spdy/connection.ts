import { Duplex } from 'node:stream'
import { drained } from '../../drained.ts'
import { keepPinging } from '../keep-pinging.ts'
import { controlFrame, dataFrame, type Frame, flagFin, framesOf, frameType, words } from './frames.ts'
import { HeaderBlocks } from './header-blocks.ts'

/** Why a stream is refused; nothing where it is taken. */
export type OnStream = (stream: SpdyStream) => string | undefined

/** Reasons of a RST_STREAM frame. */
const reset = { invalidStream: 2, refusedStream: 3, cancel: 5 } as const

/** Far more than kubectl opens at a time. */
const maxStreams = 1000

/** Pings of a server have even IDs. */
const ourPing = 2

/**
 * The server's side of one SPDY/3.1 connection, as Kubernetes speaks it (without flow control: a stream that nobody
 * reads holds up the others once it has buffered 1 MiB). The client opens streams; each is a Duplex.
 */
export class SpdyConnection {
  private readonly streams = new Map<number, SpdyStream>()
  private readonly blocks = new HeaderBlocks()
  /** The client opens no more streams, and waits for the end of those that it has. */
  private isLeaving = false

  constructor(
    private readonly socket: Duplex,
    private readonly onStream: OnStream,
  ) {
    socket.on('error', () => socket.destroy())
    // At once: a stream that waits for its reader would keep `run` from it.
    socket.once('close', () => this.end())
    void this.run()
  }

  close(): void {
    if (this.socket.writable) this.socket.end(controlFrame(frameType.goAway, words(0, 0)))
  }

  /** Sends a frame; the callback is called once the peer takes more. */
  send(frame: Buffer, sent: (error?: Error | null) => void = () => undefined): void {
    if (this.socket.writable) this.socket.write(frame, sent)
    else sent(new Error('the connection is closed'))
  }

  forget(streamId: number): void {
    this.streams.delete(streamId)
    this.leave()
  }

  private async run(): Promise<void> {
    try {
      for await (const frame of framesOf(this.socket)) await this.take(frame)
    } catch {
      // Whoever does not speak SPDY/3.1 is cut off.
    }
    this.socket.destroy()
    this.end()
  }

  private end(): void {
    for (const stream of this.streams.values()) stream.destroy()
    this.blocks.close()
  }

  /** Who asks for ever more answers and reads none is not heard any further. */
  private async take(frame: Frame): Promise<void> {
    const { type, body } = frame
    if (type === 0) await this.takeData(frame)
    else if (type === frameType.synStream) await this.open(frame)
    else if (type === frameType.headers) await this.blocks.read(body.subarray(4))
    else if (type === frameType.rstStream) this.streams.get(body.readUInt32BE(0))?.destroy()
    else if (type === frameType.ping) await this.echo(body)
    else if (type === frameType.goAway) {
      this.isLeaving = true
      this.leave()
    }
  }

  private leave(): void {
    if (this.isLeaving && this.streams.size === 0) this.socket.end(() => this.socket.destroy())
  }

  private async takeData({ streamId, flags, body }: Frame): Promise<void> {
    const stream = this.streams.get(streamId)
    if (!stream) return
    if (body.length) await this.pinging(stream.receive(body))
    if (flags & flagFin) stream.push(null)
  }

  /** Waits for the reader of a stream. */
  private async pinging(room: Promise<void> | undefined): Promise<void> {
    if (!room) return
    const stopPinging = keepPinging(() => {
      if (!this.socket.writableNeedDrain) this.send(controlFrame(frameType.ping, words(ourPing)))
    })
    await room
    stopPinging()
  }

  private async echo(body: Buffer): Promise<void> {
    if (body.readUInt32BE(0) % 2 === ourPing % 2) return
    this.send(controlFrame(frameType.ping, body))
    await drained(this.socket)
  }

  private async open({ flags, body }: Frame): Promise<void> {
    const id = body.readUInt32BE(0)
    const headers = await this.blocks.read(body.subarray(10))
    if (this.streams.has(id) || id % 2 === 0) this.reset(id, reset.invalidStream)
    else if (this.isLeaving || this.streams.size >= maxStreams) this.reset(id, reset.refusedStream)
    else await this.accept(new SpdyStream(this, id, headers), flags)
    await drained(this.socket)
  }

  private async accept(stream: SpdyStream, flags: number): Promise<void> {
    this.streams.set(stream.id, stream)
    if (flags & flagFin) stream.push(null)
    if (this.onStream(stream) !== undefined) {
      stream.destroy()
      return
    }
    const block = await this.blocks.empty()
    this.send(controlFrame(frameType.synReply, Buffer.concat([words(stream.id), block])))
    stream.emit('ready')
  }

  reset(id: number, reason: number = reset.cancel): void {
    this.send(controlFrame(frameType.rstStream, words(id, reason)))
  }
}

/**
 * A stream that the client has opened. Ending it ends our side; destroying it resets it. `ready` is emitted once the
 * client has been told that it is taken: what is said before, it may drop.
 */
export class SpdyStream extends Duplex {
  private drained: (() => void) | null = null

  constructor(
    private readonly connection: SpdyConnection,
    readonly id: number,
    /** By name, in lower case. */
    readonly headers: Map<string, string>,
  ) {
    super({ allowHalfOpen: true, readableHighWaterMark: 1024 * 1024 })
    this.on('error', () => undefined)
  }

  /** Resolves once there is room for more. */
  receive(chunk: Buffer): Promise<void> | undefined {
    // What comes after its end destroys it.
    if (this.destroyed || this.push(chunk) || this.destroyed) return undefined
    return new Promise((resolve) => {
      this.drained = resolve
    })
  }

  override _read(): void {
    this.drained?.()
    this.drained = null
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.connection.send(dataFrame(this.id, 0, chunk), callback)
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.connection.send(dataFrame(this.id, flagFin, Buffer.alloc(0)), () => callback())
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this._read()
    this.connection.forget(this.id)
    if (!this.writableFinished || !this.readableEnded) this.connection.reset(this.id)
    callback(error)
  }
}
