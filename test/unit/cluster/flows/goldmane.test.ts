import type { ServerHttp2Stream } from 'node:http2'
import type { Flow } from '../../../../src/cluster/flow.ts'
import { goldmaneFlows } from '../../../../src/cluster/flows/goldmane/index.ts'
import { observeFlows } from '../../../../src/cluster/flows/index.ts'
import { protobufFields } from '../../../../src/protobuf.ts'
import { heldDeadline } from '../../../support/deadline.ts'
import { type Answer, answerWith, type FakeGoldmane, fakeGoldmane, framed, message } from './fake-goldmane.ts'

const endOfTier = message({
  1: 10,
  4: 'default',
  5: 2,
  7: -1,
  8: [message({ 1: 1, 2: 'shop', 3: 'deny', 4: 'default' })],
})
const denied = message({
  1: 'client-*',
  2: 'shop',
  3: 1,
  4: 'web',
  5: 'shop',
  6: 1,
  7: 8080,
  8: 'web',
  9: 'shop',
  10: 'http',
  11: 80,
  12: 'tcp',
  13: 1,
  14: 2,
  15: [message({ 1: [endOfTier], 2: [message({ 1: 3, 2: 'shop', 3: 'allow-web', 4: 'default', 5: 1 })] })],
})
const fromOutside = message({
  1: 'pub',
  2: '-',
  3: 4,
  4: 'list',
  5: '',
  6: 3,
  7: 53,
  12: 'udp',
  13: 2,
  14: 1,
})

/** A FlowResult of a window that begins at this second. */
const result = (key: Buffer, startS: number) =>
  message({
    1: 7,
    2: [
      message({
        1: [key],
        2: startS,
        3: startS + 15,
        4: 'app=web',
        6: 1,
        7: 2,
        8: 3,
        9: 4,
        10: 5,
        11: 6,
        12: 7,
      }),
    ],
  })

/** Leaves the stream open, as Goldmane does. */
const streaming =
  (results: Buffer[], listed: Buffer[] = []): Answer =>
  (stream, { method }) => {
    if (method.endsWith('/List')) return answerWith(stream, [message({ 2: listed })])
    stream.respond({ ':status': 200 })
    for (const each of results) stream.write(framed(each))
  }

/** All flows, where the time is over once so many have come. */
async function flowsFrom(fake: FakeGoldmane, most = Number.POSITIVE_INFINITY): Promise<Flow[]> {
  const durationMs = 15_000
  const deadline = heldDeadline(durationMs)
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'goldmane-1' } }
  const all: Flow[] = []
  try {
    for await (const flow of goldmaneFlows(fake.kube, pod, { durationMs })) {
      if (all.push(flow) === most) deadline.abort()
    }
    return all
  } finally {
    await fake.close()
  }
}

test('a flow is its edge, its counts and the policies that decided, enforced and staged', async () => {
  const [flow, other] = await flowsFrom(
    await fakeGoldmane(streaming([result(denied, 1_800_000_000), result(fromOutside, 1_800_000_000)])),
    2,
  )
  expect(flow).toEqual({
    from: 'shop/client-*',
    to: 'shop/web',
    protocol: 'TCP',
    port: 8080,
    service: 'shop/web',
    node: null,
    at: '2027-01-15T08:00:00.000Z',
    basis: 'flow-log',
    action: 'deny',
    reporter: 'source',
    counts: {
      packetsIn: 1,
      packetsOut: 2,
      bytesIn: 3,
      bytesOut: 4,
      connectionsStarted: 5,
      connectionsCompleted: 6,
      connectionsLive: 7,
    },
    enforced: [
      {
        kind: 'EndOfTier',
        namespace: null,
        name: null,
        tier: 'default',
        action: 'Deny',
        trigger: { kind: 'CalicoNetworkPolicy', namespace: 'shop', name: 'deny', tier: 'default' },
      },
    ],
    pending: [
      {
        kind: 'StagedNetworkPolicy',
        namespace: 'shop',
        name: 'allow-web',
        tier: 'default',
        action: 'Allow',
        trigger: null,
      },
    ],
  })
  expect(other).toMatchObject({
    from: 'net/pub',
    to: 'networkset/list',
    protocol: 'UDP',
    service: null,
    action: 'allow',
    reporter: 'destination',
  })
})

test('the last minute comes first, and in the end what was not told yet, once', async () => {
  const nowS = () => Math.floor(Date.now() / 1000)
  const begunS = nowS()
  const startS = begunS - 45
  const fake = await fakeGoldmane(streaming([result(denied, startS)], [result(denied, startS + 15)]))
  expect((await flowsFrom(fake, 1)).map(({ at }) => Date.parse(at) / 1000)).toEqual([startS, startS + 15])
  const from = ({ request }: { request: Buffer }) =>
    [...protobufFields(request)].map(({ number, value }) => [number, Number(value)])
  expect(fake.asked.map(({ method }) => method)).toEqual(['/goldmane.Flows/Stream', '/goldmane.Flows/List'])
  const [, fromS] = from(fake.asked[0]!)[0]!
  expect(fromS).toBeGreaterThanOrEqual(begunS - 60)
  expect(fromS).toBeLessThanOrEqual(nowS() - 60)
  expect(from(fake.asked[1]!)).toEqual([[1, startS + 15]])
})

test('messages may be cut anywhere', async () => {
  const bytes = Buffer.concat([framed(result(denied, 1)), framed(result(fromOutside, 1))])
  const inPieces: Answer = async (stream, { method }) => {
    if (method.endsWith('/List')) return answerWith(stream, [Buffer.alloc(0)])
    stream.respond({ ':status': 200 })
    for (let at = 0; at < bytes.length; at += 50) {
      stream.write(bytes.subarray(at, at + 50))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  expect(await flowsFrom(await fakeGoldmane(inPieces), 2)).toHaveLength(2)
})

test.each<[string, (stream: ServerHttp2Stream) => void, string]>([
  [
    'refuses',
    (stream) => answerWith(stream, [], { 'grpc-status': '8', 'grpc-message': 'max number of streams%21' }),
    'status 8: max number of streams!',
  ],
  ['breaks off', (stream) => stream.session!.destroy(), 'ended'],
  [
    'speaks something else',
    (stream) => {
      stream.respond({ ':status': 200 })
      stream.end('<html>')
    },
    'frames that are none of gRPC',
  ],
])('a server that %s is an error with its cause, and no end of flows', async (_what, answer, said) => {
  const failure = await flowsFrom(await fakeGoldmane(answer)).catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 'cluster-failed',
    exitCode: 3,
    cause: expect.stringMatching(new RegExp(said)),
  })
})

test('a certificate that nobody vouches for is refused, in words', async () => {
  const { makeCertificate } = await import('../../../../src/embedded/api/tls.ts')
  const { certificate, key } = makeCertificate()
  const secrets = {
    'tls.crt': Buffer.from(certificate).toString('base64'),
    'tls.key': Buffer.from(key).toString('base64'),
  }
  const failure = flowsFrom(await fakeGoldmane(streaming([]), { secrets }))
  await expect(failure).rejects.toMatchObject({
    code: 'cluster-failed',
    cause: expect.stringMatching(/certificate/),
  })
})

test('whoever may not read its Secret gets samples, and is told why', async () => {
  const fake = await fakeGoldmane(streaming([]), { secrets: null })
  const notes: string[] = []
  const source = {
    kube: fake.kube,
    nodes: async () => [{ name: 'n1', address: '10.0.0.1' }],
    runOnNode: noShell,
  }
  const options = { durationMs: 50, onNote: (text: string) => notes.push(text) }
  for await (const flow of observeFlows(source, options)) throw new Error(`there is none: ${flow.from}`)
  expect(notes).toEqual(['Goldmane cannot be read: not permitted: Secret goldmane-key-pair: forbidden'])
  await fake.close()
})

const noShell = async () => ({ argv: [], code: 0, signal: null, stdout: '', stderr: '', durationMs: 0 })
