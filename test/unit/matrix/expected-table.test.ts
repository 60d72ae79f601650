import { describeEdge, parseDestination, parseExpectedTable } from '../../../src/matrix/index.ts'

const words = (table: { ports: string[]; matrix: string; others?: string }, pods: string[] = []) =>
  parseExpectedTable(table, pods).cells.map((cell) => `${describeEdge(cell)} ${cell.expectation}`)

test('a table gives a cell per row, column and port; - is not asked, a column may have a port of its own', () => {
  const matrix = `
from \\ to   | shop/web | shop/db:TCP/5432 | kube-system/kube-dns:UDP/53
shop/client | allow    | deny             | allow
shop/web    | -        | rejected         |
`
  expect(words({ ports: ['TCP/80', 'UDP/80'], matrix })).toEqual([
    'shop/client -> shop/web TCP/80 allow',
    'shop/client -> shop/web UDP/80 allow',
    'shop/client -> shop/db TCP/5432 deny',
    'shop/client -> kube-system/kube-dns UDP/53 allow',
    'shop/web -> shop/db TCP/5432 rejected',
  ])
})

test('a Markdown table with bars at its edges and a rule is the same table', () => {
  const matrix = '| from | svc/shop/web | dns:web |\n|---|:---:|---|\n| shop/client | allow | dns-failure |'
  expect(words({ ports: ['TCP/80'], matrix })).toEqual([
    'shop/client -> svc/shop/web TCP/80 allow',
    'shop/client -> dns:web UDP/53 dns-failure',
  ])
})

test('others is every pair of the pods that the table does not mention; - stays unasked, an empty cell is mentioned by nobody', () => {
  const matrix = 'from | shop/b | shop/c\nshop/a | allow | -\nshop/b | - |'
  expect(words({ ports: ['TCP/80'], matrix, others: 'deny' }, ['shop/a', 'shop/b', 'shop/c'])).toEqual([
    'shop/a -> shop/b TCP/80 allow',
    'shop/b -> shop/a TCP/80 deny',
    'shop/b -> shop/c TCP/80 deny',
    'shop/c -> shop/a TCP/80 deny',
    'shop/c -> shop/b TCP/80 deny',
  ])
})

test('every problem of a table is reported at its place', () => {
  const table = {
    ports: ['TCP/80', 'HTTP/80', 'TCP/65536'],
    matrix:
      'from | shop/web | web | dns:web:UDP/53 | shop/web\nshop/client | alow | allow | allow | deny\n10.0.0.1 | allow | allow | allow | - | allow',
    others: 'maybe',
  }
  const { cells, problems } = parseExpectedTable(table, [])
  expect(cells).toEqual([])
  expect(
    problems.map(
      ({ key, within, problem }) => `${key}${within ? ` ${within.line}:${within.column}` : ''} ${problem}`,
    ),
  ).toEqual([
    'ports HTTP/80 is no port',
    'ports TCP/65536 is no port',
    'others maybe is no expectation',
    'matrix 0:18 web is no destination',
    'matrix 0:24 a resolution has no port',
    'matrix 1:14 alow is no expectation',
    'matrix 1:37 this edge is in the table twice',
    'matrix 2:0 10.0.0.1 is no source',
    'matrix 2:0 this row has 5 cells, the header 4',
    'matrix 2:35 this edge is in the table twice',
  ])
})

test('a table without rows is a problem', () => {
  expect(parseExpectedTable({ ports: ['TCP/80'], matrix: 'from | shop/web' }, []).problems).toMatchObject([
    { problem: 'the table is empty' },
  ])
})

test.each([
  ['shop/web', { kind: 'pod', namespace: 'shop', name: 'web' }],
  ['svc/shop/web', { kind: 'service', namespace: 'shop', name: 'web' }],
  ['name:web.shop.svc.cluster.local.', { kind: 'name', name: 'web.shop.svc.cluster.local.' }],
  ['dns:example.com', { kind: 'dns', name: 'example.com' }],
  ['node/worker', { kind: 'node', name: 'worker' }],
  ['203.0.113.7', { kind: 'address', address: '203.0.113.7' }],
  ['2001:db8::1', { kind: 'address', address: '2001:db8::1' }],
  ['web', null],
  ['Shop/web', null],
  ['name:a b', null],
  ['name:$(id)', null],
  ['svc/shop', { kind: 'pod', namespace: 'svc', name: 'shop' }],
  ['a/b/c', null],
])('the destination %s', (text, expected) => {
  expect(parseDestination(text)).toEqual(expected)
})
