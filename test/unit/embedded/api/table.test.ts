import { pathColumn } from '../../../../src/embedded/api/table/index.ts'

const object = {
  metadata: { labels: { 'app.kubernetes.io/name': 'web' } },
  spec: { ports: [{ port: 80 }], size: 0 },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
}

test.each([
  ['.spec.size', 0],
  ['.spec.ports[0].port', 80],
  ['.metadata.labels.app\\.kubernetes\\.io/name', 'web'],
  ["['spec'].size", 0],
  ['.status.conditions[?(@.type=="Ready")].status', 'True'],
  ['.spec.nothing.at.all', undefined],
  ['.spec.ports', '[{"port":80}]'],
])('%s', (path, value) => {
  expect(pathColumn(object, path)).toEqual(value)
})
