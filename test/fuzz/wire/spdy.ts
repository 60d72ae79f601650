import {
  controlFrame,
  dataFrame,
  flagFin,
  frameType,
  words,
} from '../../../src/embedded/kubelet/spdy/frames.ts'
import { opening, SpdyOpenings } from '../../support/spdy-frames.ts'
import { commandNames } from './commands.ts'
import { mutatedBytes, randomBytes, randomWord } from './mutate.ts'
import { type Aim, authorization, httpBytes, ownNamespace, type Shot } from './shot.ts'

type Random = Aim['random']

/** What is asked for, what it is offered by, and the streams that belong to it. */
interface Session {
  path: string
  /** There is something to carry. */
  isServed: boolean
  protocol: string
  streams: Record<string, string>[]
}

const execProtocol = 'v4.channel.k8s.io'
const forwardProtocol = 'portforward.k8s.io'

/** An upgrade to SPDY, of a protocol that is served or of none, and what may come behind it, cut off anywhere. */
export function spdyShot({ random, token }: Aim): Shot {
  const { path, isServed, protocol, streams } = randomSession(random)
  const [offered, answer] = randomOffer(random, protocol)
  const code = isServed ? answer : 400
  const headers = {
    ...authorization(token),
    connection: 'Upgrade',
    upgrade: 'SPDY/3.1',
    ...(offered !== null && { 'x-stream-protocol-version': offered }),
  }
  return {
    what: `${path} by SPDY as ${offered}`,
    bytes: httpBytes({
      method: random.pick(['GET', 'POST']),
      path: `/api/v1/namespaces/${ownNamespace}/pods/fuzzed/${path}`,
      headers,
    }),
    frames: randomSequence(random, streams),
    staysMs: random.pick([0, 1, 5, 15, 30]),
    right: (answered) => answered === code,
    saysStatus: true,
  }
}

function randomSession(random: Random): Session {
  const kind = random.below(4)
  if (kind === 0) {
    const streams = ['error', 'data'].map((streamtype) => ({ streamtype, port: '80', requestid: '0' }))
    return { path: 'portforward', isServed: true, protocol: forwardProtocol, streams }
  }
  const wanted = ['stdin', 'stdout', 'stderr', 'tty'].filter(() => random.chance(0.6))
  const query = [...wanted.map((each) => `${each}=true`), ...(kind === 1 ? [] : [commandOf(random)])]
  const types = wanted.map((each) => (each === 'tty' ? 'resize' : each))
  const opened = types.includes('resize') ? types.filter((type) => type !== 'stderr') : types
  const streams = ['error', ...opened].map((streamtype) => ({ streamtype }))
  return {
    path: `${kind === 1 ? 'attach' : 'exec'}?${query.join('&')}`,
    isServed: opened.some((type) => type !== 'resize'),
    protocol: execProtocol,
    streams,
  }
}

function commandOf(random: Random): string {
  return `command=${random.pick(commandNames)}`
}

/** What a client says that it speaks, and the code that is right for it. */
function randomOffer(random: Random, protocol: string): [offered: string | null, code: number] {
  if (random.chance(0.85))
    return [random.pick([protocol, `${protocol}, v1.channel.k8s.io`, `x,${protocol}`]), 101]
  return random.pick<[string | null, number]>([
    [null, 400],
    ['', 400],
    [' , ', 400],
    ['channel.k8s.io', 403],
    [`${protocol}x`, 403],
    ['a'.repeat(5000), 403],
  ])
}

/** The streams of a session as they should be or nearly so, then frames of every kind; often all of it is cut off. */
function randomSequence(random: Random, streams: Record<string, string>[]): Buffer {
  const openings = new SpdyOpenings()
  const frames: Buffer[] = []
  for (const [index, headers] of streams.entries()) {
    if (random.chance(0.05)) frames.push(randomFrame(random, openings))
    if (random.chance(0.04)) continue
    frames.push(openings.next(2 * index + 1, headers, random.chance(0.05) ? flagFin : 0))
  }
  for (let count = random.below(8); count > 0; count -= 1) frames.push(randomFrame(random, openings))
  const bytes = Buffer.concat(frames)
  if (random.chance(0.1)) return mutatedBytes(random, bytes)
  return random.chance(0.3) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes
}

const streamTypes = ['error', 'stdin', 'stdout', 'stderr', 'resize', 'data', '', 'nonsense']

function randomFrame(random: Random, openings: SpdyOpenings): Buffer {
  const id = random.pick([1, 3, 3, 3, 5, 7, 9, 11, 2, 0, 0x7fffffff])
  const makers: Array<() => Buffer> = [
    () => dataFrame(id, random.pick([0, 0, flagFin, 255]), randomData(random)),
    () => dataFrame(id, random.pick([0, 0, flagFin, 255]), randomData(random)),
    () => dataFrame(id, flagFin, Buffer.alloc(0)),
    () => openings.next(id, { streamtype: random.pick(streamTypes), port: random.pick(['80', '0', 'x']) }),
    () => openings.next(id, { [randomWord(random).slice(0, 2000)]: randomWord(random).slice(0, 2000) }),
    () => opening(id, mutatedBytes(random, openings.block({ streamtype: random.pick(streamTypes) }))),
    () => opening(id, randomBytes(random, 60)),
    () => controlFrame(frameType.rstStream, words(id, random.below(12))),
    () => controlFrame(frameType.ping, words(random.below(4))),
    () => controlFrame(frameType.goAway, words(id, random.below(3))),
    // SETTINGS and WINDOW_UPDATE, which are passed over.
    () => controlFrame(4, words(1, 0x04000000, 100)),
    () => controlFrame(9, words(id, 65_536)),
    () => controlFrame(frameType.headers, Buffer.concat([words(id), openings.block({ a: 'b' })])),
    () => controlFrame(random.below(16), randomBytes(random, 12)),
    () => lying(random, dataFrame(id, 0, randomData(random))),
    () => randomBytes(random, 40),
  ]
  return random.pick(makers)()
}

function randomData(random: Random): Buffer {
  return random.pick([
    () => randomBytes(random, 200),
    () => Buffer.from('{"Width":80,"Height":24}\n'),
    () => Buffer.from('{"Width":1e9,"Height":-1}\n{"Width":'),
    () => Buffer.alloc(random.pick([1, 65_536, 300_000])),
  ])()
}

/** A frame whose length is not what comes. */
function lying(random: Random, frame: Buffer): Buffer {
  frame.writeUIntBE(random.pick([0, 1, frame.length, 0xffff, 0xffffff]), 5, 3)
  return frame
}
