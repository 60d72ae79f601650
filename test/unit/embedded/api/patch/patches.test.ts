import { jsonPatch } from '../../../../../src/embedded/api/patch/json-patch.ts'
import { mergePatch } from '../../../../../src/embedded/api/patch/merge-patch.ts'
import { strategicMergePatch } from '../../../../../src/embedded/api/patch/strategic-merge-patch.ts'
import type { Schema } from '../../../../../src/embedded/api/schema.ts'

const schema: Schema = {
  fields: {
    containers: {
      list: {
        fields: {
          name: 'string',
          ports: { list: 'any', mergeKey: 'containerPort' },
          args: { list: 'string' },
        },
      },
      mergeKey: 'name',
    },
    finalizers: { list: 'string', set: true },
    labels: { map: 'string' },
    strategy: 'any',
  },
}

test('a merge patch merges objects, removes with null and replaces lists', () => {
  const target = { a: { b: 1, c: 2 }, list: [1, 2] }
  expect(mergePatch(target, { a: { b: null, d: 3 }, list: [9] })).toEqual({ a: { c: 2, d: 3 }, list: [9] })
  expect(target).toEqual({ a: { b: 1, c: 2 }, list: [1, 2] })
})

test('a strategic merge patch finds the elements of a list by its merge key', () => {
  const target = {
    containers: [{ name: 'web', args: ['a'], ports: [{ containerPort: 80 }] }, { name: 'log' }],
  }
  const patch = {
    containers: [{ name: 'web', args: ['b'], ports: [{ containerPort: 81 }] }, { name: 'new' }],
  }
  expect(strategicMergePatch(target, patch, schema)).toEqual({
    containers: [
      { name: 'web', args: ['b'], ports: [{ containerPort: 81 }, { containerPort: 80 }] },
      { name: 'new' },
      { name: 'log' },
    ],
  })
})

test.each([
  [
    '$patch: delete takes an element out',
    { containers: [{ name: 'web' }, { name: 'log' }] },
    { containers: [{ name: 'web', $patch: 'delete' }] },
    { containers: [{ name: 'log' }] },
  ],
  [
    '$patch: replace takes the list as it comes',
    { containers: [{ name: 'web' }] },
    { containers: [{ name: 'new' }, { $patch: 'replace' }] },
    { containers: [{ name: 'new' }] },
  ],
  [
    '$setElementOrder orders by the merge key',
    { containers: [{ name: 'a' }, { name: 'b' }] },
    { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
    { containers: [{ name: 'b' }, { name: 'a' }] },
  ],
  [
    '$deleteFromPrimitiveList takes values out of a set',
    { finalizers: ['x', 'y'] },
    { '$deleteFromPrimitiveList/finalizers': ['x'], finalizers: ['z'] },
    { finalizers: ['y', 'z'] },
  ],
  [
    '$retainKeys drops the other fields',
    { strategy: { type: 'RollingUpdate', rollingUpdate: {} } },
    { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
    { strategy: { type: 'Recreate' } },
  ],
  ['null removes', { labels: { a: '1', b: '2' } }, { labels: { a: null } }, { labels: { b: '2' } }],
])('strategic merge patch: %s', (_title, target, patch, result) => {
  expect(strategicMergePatch(target, patch, schema)).toEqual(result)
})

test('a JSON patch applies its operations in order, and all or none', () => {
  const target = { metadata: { labels: { 'a/b': '1' } }, list: [1, 2] }
  const patch = [
    { op: 'test', path: '/metadata/labels/a~1b', value: '1' },
    { op: 'add', path: '/list/1', value: 9 },
    { op: 'add', path: '/list/-', value: 3 },
    { op: 'move', from: '/list/0', path: '/first' },
    { op: 'remove', path: '/metadata/labels/a~1b' },
    { op: 'replace', path: '/metadata/labels', value: { c: '2' } },
    { op: 'copy', from: '/first', path: '/again' },
  ]
  expect(jsonPatch(target, patch)).toEqual({
    metadata: { labels: { c: '2' } },
    list: [9, 2, 3],
    first: 1,
    again: 1,
  })
  expect(target.list).toEqual([1, 2])
})

test.each([
  ['a test that does not hold', [{ op: 'test', path: '/a', value: 2 }]],
  ['a path that is not there', [{ op: 'remove', path: '/b/c' }]],
  ['an index beyond the end', [{ op: 'add', path: '/list/7', value: 1 }]],
  ['a path into the prototype', [{ op: 'add', path: '/__proto__/x', value: 1 }]],
])('a JSON patch with %s is refused with 422', (_title, patch) => {
  expect(() => jsonPatch({ a: 1, list: [] }, patch)).toThrow(expect.objectContaining({ code: 422 }))
})
