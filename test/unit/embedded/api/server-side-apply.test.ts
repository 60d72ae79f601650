import { Registry } from '../../../../src/embedded/api/registry.ts'
import { parseRoute } from '../../../../src/embedded/api/route.ts'
import { Store } from '../../../../src/embedded/api/store.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

function shop() {
  const registry = new Registry(new Store())
  const route = (path: string) => {
    const { kind, namespace, name = '' } = parseRoute(registry.kinds, path)!
    return { kind, namespace, name }
  }
  const options = (fieldManager: string, force = false) => ({ fieldManager, force, warnings: [] })
  const namespaces = route('/api/v1/namespaces').kind
  registry.create(namespaces, undefined, { metadata: { name: 'shop' } }, options('test'))
  return {
    registry,
    apply: (path: string, manager: string, document: object, force = false) =>
      registry.patch(route(path), { type: 'apply', document }, options(manager, force)),
    merge: (path: string, manager: string, document: object) =>
      registry.patch(route(path), { type: 'merge', document }, options(manager)),
  }
}

const path = '/api/v1/namespaces/shop/configmaps/settings'
const configMap = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data,
})
const managers = ({ metadata }: KubernetesObject) =>
  (metadata.managedFields as { manager: string; fieldsV1: object }[]).map(({ manager, fieldsV1 }) => ({
    manager,
    fields: Object.keys((fieldsV1 as Record<string, object>)['f:data'] ?? {}),
  }))

test('an apply creates, and what its manager drops is removed', () => {
  const { apply } = shop()
  expect(apply(path, 'lab', configMap({ a: '1', b: '2' })).data).toEqual({ a: '1', b: '2' })
  const after = apply(path, 'lab', configMap({ a: '1' }))
  expect(after.data).toEqual({ a: '1' })
  expect(managers(after)).toEqual([{ manager: 'lab', fields: ['f:a'] }])
})

test('a field that is emptied stays, and so does what holds it', () => {
  const { apply } = shop()
  const path = '/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies/all'
  const policy = (subject: object) => ({
    apiVersion: 'policy.networking.k8s.io/v1alpha2',
    kind: 'ClusterNetworkPolicy',
    metadata: { name: 'all' },
    spec: { tier: 'Admin', priority: 1, subject },
  })
  apply(path, 'lab', policy({ namespaces: { matchLabels: { team: 'a' } } }))
  expect(apply(path, 'lab', policy({ namespaces: {} })).spec.subject).toEqual({ namespaces: {} })
})

test('what another manager owns stays, and the same value is owned by both', () => {
  const { apply } = shop()
  apply(path, 'lab', configMap({ a: '1', b: '2' }))
  apply(path, 'other', configMap({ b: '2', c: '3' }))
  expect(apply(path, 'lab', configMap({ a: '1' })).data).toEqual({ a: '1', b: '2', c: '3' })
})

test('a field that another manager has set otherwise is a conflict, until it is forced', () => {
  const { apply, merge } = shop()
  apply(path, 'lab', configMap({ a: '1' }))
  merge(path, 'kubectl', { data: { a: '2' } })
  expect(() => apply(path, 'lab', configMap({ a: '1' }))).toThrow(
    expect.objectContaining({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.a',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "kubectl" using v1', field: '.data.a' },
        ],
      },
    }),
  )
  const forced = apply(path, 'lab', configMap({ a: '1' }), true)
  expect(forced.data).toEqual({ a: '1' })
  expect(managers(forced)).toEqual([{ manager: 'lab', fields: ['f:a'] }])
})

test('an apply that changes nothing writes nothing', () => {
  const { apply, registry } = shop()
  apply(path, 'lab', configMap({ a: '1' }))
  const before = registry.store.revision
  apply(path, 'lab', configMap({ a: '1' }))
  expect(registry.store.revision).toBe(before)
})

test('lists of a Deployment merge by their keys', () => {
  const { apply } = shop()
  const web = '/apis/apps/v1/namespaces/shop/deployments/web'
  const deployment = (containers: object[]) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers } },
    },
  })
  apply(
    web,
    'lab',
    deployment([
      { name: 'web', image: 'busybox', ports: [{ containerPort: 80 }] },
      { name: 'log', image: 'busybox' },
    ]),
  )
  const after = apply(
    web,
    'lab',
    deployment([{ name: 'web', image: 'busybox', ports: [{ containerPort: 81 }] }]),
  )
  const { containers } = after.spec.template.spec
  expect(containers).toHaveLength(1)
  expect(containers[0]).toMatchObject({ name: 'web', ports: [{ containerPort: 81, protocol: 'TCP' }] })
  expect(after.metadata.generation).toBe(2)
})

test('an element that a document has twice is refused as a real API server refuses it', () => {
  const { apply } = shop()
  const ports = [{ containerPort: 81 }, { containerPort: 81, name: 'b' }]
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'dup', namespace: 'shop' },
    spec: { containers: [{ name: 'main', image: 'busybox', ports }] },
  }
  expect(() => apply('/api/v1/namespaces/shop/pods/dup', 'lab', pod)).toThrow(
    'failed to create typed patch object (shop/dup; /v1, Kind=Pod): .spec.containers[name="main"].ports: duplicate entries for key [containerPort=81,protocol="TCP"]',
  )
})
