import { commandNames } from './commands.ts'
import { randomBytes, randomWord } from './mutate.ts'
import { type Aim, authorization, httpBytes, ownNamespace, type Shot } from './shot.ts'

const protocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'SPDY/3.1+portforward.k8s.io',
  'base64.channel.k8s.io',
  '///',
  'v5.channel.k8s.io, v5.channel.k8s.io',
]

const streams = [
  ...commandNames.map((name) => `exec?command=${name}&stdin=true&stdout=true`),
  'attach?stdin=true&stdout=true',
  'attach?stdin=true',
  'portforward?ports=80',
  'portforward?ports=80',
]

/** An upgrade of exec, attach or port-forward, and frames behind it that may be anything. */
export function frameShot({ random, token }: Aim): Shot {
  const stream = random.pick(streams)
  const headers: Record<string, string> = {
    ...authorization(token),
    connection: 'Upgrade',
    upgrade: usually(random, 'websocket', ['SPDY/3.1', 'h2c']),
    'sec-websocket-version': usually(random, '13', ['8', 'x']),
    'sec-websocket-key': usually(random, 'dGhlIHNhbXBsZSBub25jZQ==', ['short', '']),
    'sec-websocket-protocol': random.pick(protocols),
  }
  const path = `/api/v1/namespaces/${ownNamespace}/pods/fuzzed/${stream}`
  return {
    what: `${stream} by ${headers.upgrade} as ${headers['sec-websocket-protocol']}`,
    bytes: httpBytes({ method: usually(random, 'GET', ['POST']), path, headers }),
    frames: Buffer.concat(Array.from({ length: 1 + random.below(6) }, () => randomFrame(random))),
    staysMs: random.pick([0, 5, 30]),
    right: (code) => code !== null && code < 500,
    saysStatus: false,
  }
}

/** Right so often that most upgrades get as far as their frames. */
function usually(random: Aim['random'], right: string, wrong: string[]): string {
  return random.chance(0.9) ? right : random.pick(wrong)
}

/** A frame of a WebSocket, masked or not, whole or in parts, of any opcode and of a length that may be a lie. */
function randomFrame(random: Aim['random']): Buffer {
  if (random.chance(0.2)) return randomBytes(random, 60)
  const payload = randomPayload(random)
  const isMasked = random.chance(0.85)
  const opcode = random.pick([0, 1, 2, 2, 2, 2, 3, 8, 9, 10, 15])
  const first = (random.chance(0.8) ? 0x80 : 0) | (random.chance(0.05) ? 0x40 : 0) | opcode
  const head = [first, ...lengthBytes(random, payload.length)]
  head[1]! |= isMasked ? 0x80 : 0
  const mask = randomBytes(random, 1).length ? [1, 2, 3, 4] : [0, 0, 0, 0]
  const masked = isMasked ? payload.map((byte, index) => byte ^ mask[index % 4]!) : payload
  return Buffer.concat([Buffer.from(head), Buffer.from(isMasked ? mask : []), masked])
}

function randomPayload(random: Aim['random']): Buffer {
  const kind = random.below(5)
  if (kind === 0) return randomBytes(random, 200)
  if (kind === 1) return Buffer.of(random.below(256), random.below(256))
  if (kind === 2) return Buffer.concat([Buffer.of(4), Buffer.from('{"Width":1e9,"Height":"x"}')])
  // The beginning of a frame of SPDY, for the tunnel.
  if (kind === 3)
    return Buffer.concat([
      Buffer.of(0x80, 3, 0, random.below(12), 0, 0, 0, random.below(40)),
      randomBytes(random, 40),
    ])
  return Buffer.concat([Buffer.of(random.below(3)), Buffer.from(randomWord(random))])
}

function lengthBytes(random: Aim['random'], length: number): number[] {
  if (random.chance(0.05)) return [127, 0x7f, 255, 255, 255, 255, 255, 255, 255]
  if (random.chance(0.03)) return [126, 255, 255]
  if (length < 126) return [length]
  if (length < 65_536) return [126, length >> 8, length & 255]
  return [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255]
}
