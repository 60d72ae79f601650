import { KernelLogReader } from '../../../../src/cluster/flows/kernel-log.ts'

const text = `listening
2 2 192.168.1.5 192.168.2.9 6 40000 80 allow 0 np/shop/out

1 2 192.168.1.5 192.168.2.9 6 40000 80 pending pass 1 gnp/first
1 2 192.168.1.6 192.168.2.9 6 40000 81 deny end np/shop/web
1 2 192.168.1.5 192.168.2.9 6 40000 80 pending deny end snp/shop/web
1 2 192.168.1.5 192.168.2.9 6 40000 80 pass 1 gnp/first
1 2 192.168.1.5 192.168.2.9 6 40000 80 allow 0 pro/kns.shop
`

function readIn(size: number, text: string) {
  let lost = 0
  const reader = new KernelLogReader(
    'node-1',
    () => lost++,
    () => 1000,
  )
  for (let at = 0; at < text.length; at += size) expect(reader.push(text.slice(at, at + size))).toEqual([])
  return { found: reader.end(), lost }
}

test('the records of one packet are one decision of each end, however they are cut and mixed', () => {
  const { found, lost } = readIn(text.length, text)
  expect(lost).toBe(0)
  const edge = { source: '192.168.1.5', destination: '192.168.2.9', protocol: 'TCP', node: 'node-1' }
  const out = { pending: false, action: 'allow', rule: 0, policy: 'np/shop/out' }
  expect(found).toMatchObject([
    { ...edge, port: 80, reporter: 'source', enforced: [out], pending: [out] },
    {
      ...edge,
      source: '192.168.1.6',
      port: 81,
      reporter: 'destination',
      enforced: [{ action: 'deny', rule: null, policy: 'np/shop/web' }],
    },
    {
      ...edge,
      port: 80,
      reporter: 'destination',
      enforced: [
        { action: 'pass', policy: 'gnp/first' },
        { action: 'allow', policy: 'pro/kns.shop' },
      ],
      pending: [
        { action: 'pass', policy: 'gnp/first' },
        { action: 'deny', rule: null, policy: 'snp/shop/web' },
      ],
    },
  ])
  expect(readIn(7, text).found).toEqual(found)
})

test('connections alike are counted together, one that is tried again once', () => {
  const line = (port: number) => `1 2 fd00::1 fd00:0::2 17 ${port} 53 allow 0 pro/kns.a\n`
  const { found } = readIn(1000, [1, 2, 2, 3].map(line).join(''))
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject({ protocol: 'UDP', source: 'fd00::1', destination: 'fd00::2' })
  expect([...found[0]!.connections]).toEqual([1, 2, 3])
})

test('what was dialled is known where a Service was translated: at the source', () => {
  const { found } = readIn(
    1000,
    `2 0 192.168.1.5 10.96.0.7 6 40000 443 dialled
2 2 192.168.1.5 192.168.2.9 6 40000 8443 allow 0 pro/kns.shop
1 2 192.168.1.5 192.168.2.9 6 40000 8443 allow 0 pro/kns.shop
2 2 192.168.1.5 192.168.2.9 6 40000 8443 allow 0 pro/kns.shop
`,
  )
  expect(found.map(({ reporter, dialled, port }) => [reporter, dialled, port])).toEqual([
    ['source', '10.96.0.7', 8443],
    ['destination', '192.168.2.9', 8443],
    ['source', '192.168.2.9', 8443],
  ])
})

test('where the kernel had more to tell, no half of a story is told', () => {
  const { found, lost } = readIn(
    1000,
    `1 2 1.1.1.1 2.2.2.2 6 1 80 pending deny 0 snp/a/b
lost
1 2 1.1.1.1 2.2.2.2 6 1 80 allow 0 pro/kns.a
1 2 1.1.1.1 2.2.2.2 6 2 80 calico-packet:

1 2 1.1.1.1 2.2.2.2 6 3 80 allow 0 pro/kns.a
`,
  )
  expect(lost).toBe(1)
  expect(found.map(({ connections }) => [...connections])).toEqual([[3]])
})
