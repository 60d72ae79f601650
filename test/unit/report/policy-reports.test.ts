import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import {
  buildModel,
  connectionMatrix,
  diffModels,
  explain,
  exposureOf,
  policyMatrix,
} from '../../../src/policy/index.ts'
import {
  connectionsJson,
  connectionsText,
  endpointsJson,
  endpointsMarkdown,
  endpointsText,
  explanationJson,
  explanationMarkdown,
  explanationText,
  exposureJson,
  exposureText,
  policyDiffJson,
  policyDiffText,
  policyMatrixJson,
  policyMatrixText,
} from '../../../src/report/index.ts'
import { expectGolden } from '../../support/golden.ts'

const objects = shop([{ podSelector: { matchLabels: { app: 'web' } } }])
const model = buildModel(objects)
const ports = [
  { protocol: 'TCP' as const, port: 5432 },
  { protocol: 'UDP' as const, port: 53 },
]
const narrow = { format: 'text' as const, width: 30 }
const text = { format: 'text' as const, width: 120 }
const markdown = { format: 'markdown' as const, width: 120 }
const flow = { from: 'shop/client', to: 'shop/db', protocol: 'TCP', port: 5432 }
const explanation = explain(model, { source: flow.from, destination: flow.to, protocol: 'TCP', port: 5432 })
const serviceFlow = { from: 'shop/client', to: 'svc/shop/all', protocol: 'TCP', port: 80 }
const endpoints = ['shop/web-1', 'shop/web-2', 'shop/db'].map((endpoint) => ({
  endpoint,
  port: 5432,
  explanation: explain(model, { source: 'shop/client', destination: endpoint, protocol: 'TCP', port: 5432 }),
}))
const diff = diffModels(model, buildModel(shop([{ podSelector: {} }])))

test.each<[string, () => string]>([
  ['matrix.txt', () => policyMatrixText(model, policyMatrix(model, ports), text)],
  ['matrix-narrow.txt', () => policyMatrixText(model, policyMatrix(model, ports), narrow)],
  ['matrix.md', () => policyMatrixText(model, policyMatrix(model, ports), markdown)],
  ['matrix.json', () => [...policyMatrixJson(policyMatrix(model, ports))].join('')],
  ['connections.txt', () => connectionsText(connectionMatrix(model), text)],
  ['connections.md', () => connectionsText(connectionMatrix(model), markdown)],
  ['connections.json', () => [...connectionsJson(connectionMatrix(model))].join('')],
  ['explanation.txt', () => explanationText(flow, explanation)],
  ['explanation.md', () => explanationMarkdown(flow, explanation)],
  ['explanation.json', () => explanationJson(flow, explanation)],
  ['endpoints.txt', () => endpointsText(serviceFlow, endpoints)],
  ['endpoints.md', () => endpointsMarkdown(serviceFlow, endpoints)],
  ['endpoints.json', () => endpointsJson(serviceFlow, endpoints.slice(1))],
  ['diff.txt', () => policyDiffText(diff, 'text')],
  ['diff.md', () => policyDiffText(diff, 'markdown')],
  ['diff.json', () => policyDiffJson(diff)],
  ['exposure.txt', () => exposureText(exposureOf(objects), 'text')],
  ['exposure.md', () => exposureText(exposureOf(objects), 'markdown')],
  ['exposure.json', () => exposureJson(exposureOf(objects))],
])('%s', (name, make) => {
  expectGolden(`policy-report/${name}`, make())
})

describe('a node reaches its own pods, whatever their class says', () => {
  const agents = [3, 4].map((host) => ({
    ...pod(`agent-${host}`, `172.18.0.${host}`, {}),
    spec: { hostNetwork: true, nodeName: `n${host - 1}` },
  }))
  const near = buildModel([...objects, ...agents])

  test('in a matrix', () => {
    const lines = (style: typeof text | typeof markdown) =>
      policyMatrixText(near, policyMatrix(near, [ports[1]!]), style).split('\n')
    const title = 'on one node, where no policy comes between a node and its pods:'
    expect(lines(text)).toEqual(expect.arrayContaining([title, '  shop/agent-3 → shop/client and 1 more: ✓']))
    expect(lines(markdown)).toEqual(
      expect.arrayContaining([title, '- shop/agent-3 → shop/client and 1 more: ✓']),
    )
  })

  test('on every port', () => {
    expect(connectionsText(connectionMatrix(near), text)).toContain(
      '  shop/agent-3 → shop/client and 1 more: all\n',
    )
  })

  test('and nothing is said where its class says the same, or no pod is near', () => {
    const open = buildModel([...objects.filter(({ kind }) => kind !== 'NetworkPolicy'), ...agents])
    expect(policyMatrixText(open, policyMatrix(open, ports), text)).not.toContain('on one node')
    expect(connectionsText(connectionMatrix(model), text)).not.toContain('on one node')
  })
})

test('the JSON of a matrix has every ordered pair of pods on every port, and nothing more', () => {
  const { cells, ...rest } = JSON.parse([...policyMatrixJson(policyMatrix(model, ports))].join(''))
  expect(rest).toEqual({ apiVersion: 'ztlab.dev/v1', kind: 'Matrix' })
  expect(cells).toHaveLength(2 * 5 ** 2)
  expect(new Set(cells.map((cell: object) => Object.keys(cell).join()))).toEqual(
    new Set(['from,to,protocol,port,verdict,egress,ingress']),
  )
})

test('the JSON of no pods is a matrix without cells', () => {
  const empty = buildModel([])
  expect(JSON.parse([...policyMatrixJson(policyMatrix(empty, ports))].join('')).cells).toEqual([])
  expect(JSON.parse([...connectionsJson(connectionMatrix(empty))].join('')).connections).toEqual([])
})

/** Two web servers, a client, a database that only `from` reaches, and a pod on its node's network. */
function shop(from: unknown[]): KubernetesObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    pod('client', '10.0.0.1', { app: 'client' }),
    pod('web-1', '10.0.0.2', { app: 'web' }),
    pod('web-2', '10.0.0.3', { app: 'web' }),
    pod('db', '10.0.0.4', { app: 'db' }),
    { ...pod('node-agent', '172.18.0.2', {}), spec: { hostNetwork: true, nodeName: 'n1' } },
    policy('db', {
      podSelector: { matchLabels: { app: 'db' } },
      ingress: [{ from, ports: [{ port: 5432 }] }],
    }),
    policy('client', { podSelector: { matchLabels: { app: 'client' } }, policyTypes: ['Ingress'] }),
  ]
}

function pod(name: string, podIP: string, labels: Record<string, string>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels },
    spec: { nodeName: 'n2' },
    status: { podIP },
  }
}

function policy(name: string, spec: Record<string, unknown>): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop' },
    spec,
  }
}
