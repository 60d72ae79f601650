import { exceededLimit, hasStorageLimit, totalOf } from '../../../../src/embedded/kubelet/storage-usage.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

const podOf = (spec: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec,
})
const limited = (name: string, limit?: string) => ({
  name,
  ...(limit && { resources: { limits: { 'ephemeral-storage': limit } } }),
})
const usage = (containers: Record<string, number>, volumes: Record<string, number> = {}) => ({
  containers: new Map(Object.entries(containers)),
  volumes: new Map(Object.entries(volumes)),
})
const volumes = [{ name: 'v', emptyDir: { sizeLimit: '1Mi' } }]

test.each([
  [{ containers: [limited('c')], volumes }, usage({ c: 9e9 }, { v: 1_048_576 }), null],
  [
    { containers: [limited('c')], volumes },
    usage({}, { v: 1_048_577 }),
    'Usage of EmptyDir volume "v" exceeds the limit "1Mi". ',
  ],
  [
    { containers: [limited('c', '1Ki')] },
    usage({ c: 1025 }),
    'Container c exceeded its local ephemeral storage limit "1Ki". ',
  ],
  [
    { containers: [limited('c', '1k'), limited('d', '1k')] },
    usage({ c: 900, d: 900 }, { w: 201 }),
    'Pod ephemeral local storage usage exceeds the total limit of containers 2000. ',
  ],
  [{ containers: [limited('c', '1k'), limited('d')] }, usage({ c: 900, d: 9000 }), null],
])('%j having written %j: %j', (spec, written, expected) => {
  expect(exceededLimit(podOf(spec), written)).toBe(expected)
})

test('a pod is watched where a container or a volume on disk has a limit', () => {
  expect(hasStorageLimit(podOf({ containers: [limited('c')] }))).toBe(false)
  expect(hasStorageLimit(podOf({ containers: [limited('c', '1Mi')] }))).toBe(true)
  expect(hasStorageLimit(podOf({ containers: [limited('c')], volumes }))).toBe(true)
  const inMemory = [{ name: 'm', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }]
  expect(hasStorageLimit(podOf({ containers: [limited('c')], volumes: inMemory }))).toBe(false)
})

test('what a pod has written is the sum of its parts', () => {
  expect(totalOf(usage({ c: 1, d: 2 }, { v: 4 }))).toBe(7)
})
