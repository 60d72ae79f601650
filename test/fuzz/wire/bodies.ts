import { mutatedBytes, randomBytes, randomValue } from './mutate.ts'
import { type Aim, authorization, httpBytes, noFault, ownNamespace, type Shot } from './shot.ts'

interface Body {
  what: string
  type: string
  body: Buffer
  right?: (code: number | null) => boolean
}

const is =
  (...codes: number[]) =>
  (code: number | null) =>
    code !== null && codes.includes(code)

const valid = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'fuzz-' }, data: { a: 'b' } }
const depth = 20_000
const manyFields = Object.fromEntries(Array.from({ length: 2000 }, (_each, index) => [`field${index}`, 1]))

const laughs = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 8 }, (_each, index) => {
    const [name, before] = ['bcdefghi'[index]!, 'abcdefgh'[index]!]
    return `${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`
  }),
].join('\n')

/** Bodies that are known to hurt, each with what is right to say. */
const known: Body[] = [
  {
    what: 'deep arrays',
    type: 'application/json',
    body: Buffer.from('['.repeat(depth) + ']'.repeat(depth)),
    right: is(400),
  },
  {
    what: 'deep objects',
    type: 'application/json',
    body: Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
    right: is(400),
  },
  { what: 'deep in a field', type: 'application/json', body: nested(), right: is(400) },
  { what: 'too large', type: 'application/json', body: Buffer.alloc(4 * 1024 * 1024, ' '), right: is(413) },
  { what: 'not JSON', type: 'application/json', body: Buffer.from('{"a":'), right: is(400) },
  {
    what: 'not UTF-8',
    type: 'application/json',
    body: Buffer.concat([Buffer.from('{"a":"'), Buffer.of(0xff, 0xc0), Buffer.from('"}')]),
    right: is(400, 422),
  },
  {
    what: 'a prototype',
    type: 'application/json',
    body: Buffer.from('{"__proto__":{"polluted":1}}'),
    right: is(400),
  },
  { what: 'a thousand laughs', type: 'application/yaml', body: Buffer.from(laughs), right: is(400, 413) },
  { what: 'YAML of itself', type: 'application/yaml', body: Buffer.from('a: &a\n  b: *a\n'), right: is(400) },
  {
    what: 'deep YAML',
    type: 'application/yaml',
    body: Buffer.from('['.repeat(depth) + ']'.repeat(depth)),
    right: is(400),
  },
  {
    what: 'a YAML tag',
    type: 'application/yaml',
    body: Buffer.from('!!js/function "function(){}"'),
    right: is(400),
  },
  { what: 'form data', type: 'multipart/form-data', body: Buffer.from('--x--'), right: is(415) },
  {
    what: 'no protobuf',
    type: 'application/vnd.kubernetes.protobuf',
    body: Buffer.from('{}'),
    right: is(400),
  },
  {
    what: 'a length beyond the end',
    type: 'application/vnd.kubernetes.protobuf',
    body: Buffer.from('6b3873000affffffff0f', 'hex'),
    right: is(400),
  },
  {
    what: 'warnings without end',
    type: 'application/json',
    body: Buffer.from(JSON.stringify({ ...valid, ...manyFields })),
    right: is(201),
  },
  {
    what: 'a warning of two lines',
    type: 'application/json',
    body: Buffer.from(JSON.stringify({ ...valid, 'x\r\ny\u{1F600}': 1 })),
    right: is(201),
  },
]

/** A create whose body is one of the known ones, or of its media type as far as chance has it. */
export function bodyShot({ random, token }: Aim): Shot {
  const { what, type, body, right = noFault } = random.chance(0.15) ? random.pick(known) : randomBody(random)
  const path = `/api/v1/namespaces/${ownNamespace}/configmaps?dryRun=All`
  const headers = { ...authorization(token), 'content-type': type }
  return { what, bytes: httpBytes({ method: 'POST', path, headers, body }), right, saysStatus: true }
}

function randomBody(random: Aim['random']): Body {
  const kind = random.below(4)
  const json = Buffer.from(JSON.stringify({ ...valid, data: randomValue(random) }))
  if (kind === 0) return { what: 'random JSON', type: 'application/json', body: mutatedBytes(random, json) }
  if (kind === 1) return { what: 'random YAML', type: 'application/yaml', body: mutatedBytes(random, yaml) }
  if (kind === 2) {
    const body = mutatedBytes(random, protobuf)
    return { what: 'random protobuf', type: 'application/vnd.kubernetes.protobuf', body }
  }
  return { what: 'random bytes', type: 'application/json', body: randomBytes(random, 200) }
}

const yaml = Buffer.from(
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: fuzz-}\ndata:\n  a: |\n    b\n',
)

/** The ConfigMap `{metadata: {generateName: fuzz-}, data: {a: b}}`. */
const protobuf = Buffer.concat([
  Buffer.from('6b3873000a0f0a0276311209', 'hex'),
  Buffer.from('ConfigMap'),
  Buffer.from('1211', 'hex'),
  Buffer.from('0a071205', 'hex'),
  Buffer.from('fuzz-'),
  Buffer.from('12060a01611201', 'hex'),
  Buffer.from('b'),
])

function nested(): Buffer {
  const [open, close] = ['{"a":'.repeat(depth), '}'.repeat(depth)]
  return Buffer.from(
    `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"f-"},"data":${open}1${close}}`,
  )
}
