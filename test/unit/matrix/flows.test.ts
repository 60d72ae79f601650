import { type Edge, flowsOf, viewOf } from '../../../src/matrix/index.ts'
import { pod, sampleObjects, service } from './sample-cluster.ts'

const twoBehind = [
  pod('shop/other', { ip: '192.168.0.3', labels: { app: 'other' } }),
  ...service('shop/both', {
    ip: '10.96.0.4',
    port: 8080,
    nodePort: 30084,
    endpoints: [
      ['shop/web', '192.168.0.2', 80],
      ['shop/other', '192.168.0.3', 81],
    ],
  }),
]
const view = viewOf([...sampleObjects, ...twoBehind])
const edge = (to: string, port: number): Edge => ({ from: 'shop/client', to, protocol: 'TCP', port })

test('a Service is each of its endpoints, at their own ports', () => {
  const common = { source: 'shop/client', protocol: 'TCP', viaService: true }
  expect(flowsOf(view, edge('svc/shop/both', 8080))).toEqual([
    { endpoint: 'shop/web', flow: { ...common, destination: 'shop/web', port: 80 } },
    { endpoint: 'shop/other', flow: { ...common, destination: 'shop/other', port: 81 } },
  ])
})

test('the port of a node is the same, by that node', () => {
  expect(flowsOf(view, edge('node/node-2', 30084))).toMatchObject([
    { endpoint: 'shop/web', flow: { port: 80, nodePort: { node: 'node-2', port: 30084 } } },
    { endpoint: 'shop/other', flow: { port: 81, nodePort: { node: 'node-2', port: 30084 } } },
  ])
})

test('a node that leads nowhere is its address', () => {
  const [found] = flowsOf(view, edge('node/node-2', 22)) as object[]
  expect(found).toMatchObject({
    endpoint: '172.18.0.3',
    flow: { destination: '172.18.0.3', viaService: false },
  })
})

test('an endpoint without a reference is the one pod that has its address', () => {
  const anonymous = [...sampleObjects, ...twoBehind].map((object) =>
    object.kind === 'EndpointSlice'
      ? { ...object, endpoints: [{ ...object.endpoints[0], targetRef: undefined }] }
      : object,
  )
  const [found] = flowsOf(viewOf(anonymous), edge('svc/shop/web', 80)) as object[]
  expect(found).toMatchObject({ endpoint: 'shop/web', flow: { destination: '192.168.0.2' } })
})

test.each([
  ['svc/shop/empty', 80, 'Service shop/empty has no ready endpoint: whoever dials it is refused'],
  ['node/node-1', 30081, 'Service shop/empty has no ready endpoint: whoever dials it is refused'],
  ['svc/shop/empty', 81, 'Service shop/empty has no port TCP/81'],
  ['svc/shop/nothing', 80, 'there is no Service shop/nothing'],
  ['node/node-9', 80, 'there is no node node-9'],
])('%s %d leads to nobody, and why is said', (to, port, why) => {
  expect(flowsOf(view, edge(to, port))).toBe(why)
})
