import { decodeProtobuf } from '../../../../src/embedded/api/protobuf.ts'

/** A field of protobuf: a number is a varint, everything else has a length. */
function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.from([(number << 3) | 0, value])
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes])
}

const message = (...fields: Buffer[]) => Buffer.concat(fields)

function body(apiVersion: string, kind: string, raw: Buffer): Buffer {
  const typeMeta = message(field(1, apiVersion), field(2, kind))
  return Buffer.concat([Buffer.from('k8s\0'), field(1, typeMeta), field(2, raw)])
}

test('a ConfigMap: metadata, labels and data', () => {
  const labels = field(11, message(field(1, 'app'), field(2, 'web')))
  const metadata = message(field(1, 'settings'), field(5, ''), labels)
  const data = field(2, message(field(1, 'a'), field(2, '1')))
  expect(decodeProtobuf(body('v1', 'ConfigMap', message(field(1, metadata), data)))).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', labels: { app: 'web' } },
    data: { a: '1' },
  })
})

test('a zero stands where Go holds a pointer, and is left out elsewhere; what Go embeds is part of its owner', () => {
  const volume = message(field(1, 'scratch'), field(2, field(2, message())))
  const pod = message(field(1, volume))
  const template = field(3, field(2, pod))
  const spec = message(field(1, 0), template, field(5, 0))
  expect(decodeProtobuf(body('apps/v1', 'Deployment', field(2, spec)))).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    spec: { replicas: 0, template: { spec: { volumes: [{ name: 'scratch', emptyDir: {} }] } } },
  })
})

test.each([
  ['no magic', Buffer.from('{}')],
  ['cut short', body('v1', 'ConfigMap', message(field(1, 'x'), Buffer.from([0x12, 0x7f])))],
  ['an unknown kind', body('v1', 'Nothing', Buffer.alloc(0))],
])('%s is an error, not a fault', (_title, bytes) => {
  expect(() => decodeProtobuf(bytes)).toThrow(Error)
})
