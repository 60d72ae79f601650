import { KindCatalogue } from '../../../../src/embedded/api/kinds/index.ts'
import { Store } from '../../../../src/embedded/api/store.ts'
import { pathColumn, tableOf } from '../../../../src/embedded/api/table/index.ts'

import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

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

test.each([
  [{ completions: 5, parallelism: 3 }, '2/5'],
  [{ parallelism: 3 }, '2/1 of 3'],
  [{ parallelism: 1 }, '2/1'],
])('a Job of %j that has succeeded twice shows %s', (spec, shown) => {
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'once' },
    spec,
    status: { succeeded: 2 },
  }
  const kind = new KindCatalogue(new Store()).kindOf('apis/batch/v1/jobs')!
  const { rows } = tableOf(kind, [job], { metadata: {}, includeObject: 'None' }) as {
    rows: { cells: unknown[] }[]
  }
  expect(rows[0]!.cells[2]).toBe(shown)
})

test('a row with its whole object says what that is, although a list does not', () => {
  const kind = new KindCatalogue(new Store()).kindOf('apis/batch/v1/jobs')!
  const item = { metadata: { name: 'once' }, spec: {} } as unknown as KubernetesObject
  const table = tableOf(kind, [item], { metadata: {}, includeObject: 'Object' })
  expect(table).toMatchObject({ rows: [{ object: { apiVersion: 'batch/v1', kind: 'Job' } }] })
})
