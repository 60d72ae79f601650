import { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { Pause, type SendOn, sendOn } from '../web-socket.ts'
import { type ForwardedPod, forwardPort } from './pod-port.ts'

/**
 * Serves `v4.channel.k8s.io`: one connection to each of the ports. The first byte of a message is its channel: 2n is
 * the data of the n-th port, 2n+1 its errors. Each channel begins with its port, in two bytes, the lower first.
 */
export function servePortChannels(pod: ForwardedPod, ports: number[], socket: WebSocket): void {
  const send = sendOn(socket)
  const pause = new Pause(socket)
  const streams = ports.map((_port, index) => dataStream(pause, 2 * index, send))
  ports.forEach((port, index) => {
    const bytes = Buffer.alloc(2)
    bytes.writeUInt16LE(port)
    send(2 * index, bytes)
    send(2 * index + 1, bytes)
  })
  socket.on('message', (data: Buffer) => {
    const stream = data[0]! % 2 === 0 ? streams[data[0]! / 2] : undefined
    if (stream && data.length > 1) stream.push(data.subarray(1))
  })
  socket.on('close', () => {
    for (const stream of streams) stream.destroy()
  })
  const forwarded = ports.map(async (port, index) => {
    const failure = await forwardPort(pod, port, streams[index]!)
    if (failure) send(2 * index + 1, Buffer.from(failure))
  })
  void Promise.all(forwarded).then(() => socket.close(1000))
}

/** One port's data; while nobody takes what the client says, nothing more is read from it. */
function dataStream(pause: Pause, channel: number, send: SendOn): Duplex {
  const stream = new Duplex({
    read: () => pause.end(),
    write: (chunk: Buffer, _encoding, callback) => send(channel, chunk, callback),
  })
  const push = stream.push.bind(stream)
  stream.push = (chunk) => {
    const hasRoom = push(chunk)
    if (!hasRoom) pause.begin()
    return hasRoom
  }
  stream.on('error', () => undefined)
  return stream
}
