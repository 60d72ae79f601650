import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createSecureServer, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { LabError } from '../../../../src/errors.ts'
import type { KubeClient } from '../../../../src/kube/index.ts'
import { protobufVarint } from '../../../../src/protobuf.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../../fixtures/goldmane', name))
const [cert, key] = [fixture('tls.crt'), fixture('tls.key')]

/** A call of the client: its method, and the seconds from which it wants flows. */
export interface Asked {
  method: string
  request: Buffer
}

export interface FakeGoldmane {
  kube: KubeClient
  asked: Asked[]
  close(): Promise<void>
}

/** Answers one call. */
export type Answer = (stream: ServerHttp2Stream, asked: Asked) => void

/** A Goldmane that demands the client's certificate, on a port of a pod of a cluster that is made up. */
export async function fakeGoldmane(
  answer: Answer,
  {
    secrets = { 'tls.crt': cert.toString('base64'), 'tls.key': key.toString('base64') } as Record<
      string,
      string
    > | null,
  } = {},
): Promise<FakeGoldmane> {
  const server = createSecureServer({ cert, key, ca: cert, requestCert: true, rejectUnauthorized: true })
  const asked: Asked[] = []
  server.on('stream', async (stream, headers) => {
    const chunks = await stream.toArray()
    const call = { method: String(headers[':path']), request: Buffer.concat(chunks).subarray(5) }
    asked.push(call)
    answer(stream, call)
  })
  server.on('sessionError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets: Socket[] = []
  const kube = {
    async get(_apiVersion: string, kind: string, name: string) {
      if (kind !== 'Secret') return null
      if (!secrets)
        throw new LabError({
          code: 'missing-permission',
          message: 'not permitted',
          problems: [`Secret ${name}: forbidden`],
        })
      return name === 'goldmane-key-pair' ? { data: secrets } : null
    },
    async list(_apiVersion: string, kind: string, { namespace = '' } = {}) {
      if (kind !== 'Pod' || namespace !== 'calico-system') return []
      return [
        {
          metadata: { name: 'goldmane-1', namespace },
          status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
        },
      ]
    },
    async portForward() {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      sockets.push(socket)
      return socket
    },
  } as unknown as KubeClient
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { kube, asked, close }
}

/** A message in gRPC's frame. */
export function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** A message out of the values of its fields, by their numbers. */
export function message(fields: Record<number, number | string | Buffer | Buffer[]>): Buffer {
  const encoded = Object.entries(fields).map(([text, value]) => {
    const number = Number(text)
    if (typeof value === 'number') return protobufVarint(number, value)
    const parts = Array.isArray(value) ? value : [Buffer.from(value as string)]
    return Buffer.concat(parts.map((part) => Buffer.concat([lengthOf(number, part.length), part])))
  })
  return Buffer.concat(encoded)
}

/** Answers with these messages, and a status. */
export function answerWith(
  stream: ServerHttp2Stream,
  messages: Buffer[],
  status: Record<string, string> = { 'grpc-status': '0' },
): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers(status))
  for (const each of messages) stream.write(framed(each))
  stream.end()
}

/** The tag of a field that is as long as said, and the length. */
function lengthOf(number: number, length: number): Buffer {
  const tagged = protobufVarint(number, length)
  tagged[0]! |= 2
  return tagged
}
