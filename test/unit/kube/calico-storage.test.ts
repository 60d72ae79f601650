import { fromStorage, toStorage } from '../../../src/kube/calico-storage.ts'

const policy = (spec: object, kind = 'NetworkPolicy') => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name: 'web', namespace: 'shop', labels: { a: 'b' } },
  spec,
})

test.each<[object, string[]]>([
  [{}, ['Ingress']],
  [{ ingress: [{ action: 'Allow' }] }, ['Ingress']],
  [{ egress: [{ action: 'Allow' }] }, ['Egress']],
  [{ ingress: [{ action: 'Allow' }], egress: [{ action: 'Allow' }] }, ['Ingress', 'Egress']],
  [{ egress: [] }, ['Ingress']],
  [{ types: ['Egress'] }, ['Egress']],
])('%j gets the types that calicoctl gives it: %j', (spec, types) => {
  expect(toStorage(policy(spec)).spec.types).toEqual(types)
})

test('a policy of the default tier is kept under its tier and comes back under its name', () => {
  const stored = toStorage(policy({}))
  expect(stored).toMatchObject({
    apiVersion: 'crd.projectcalico.org/v1',
    metadata: { name: 'default.web', namespace: 'shop', labels: { a: 'b' } },
    spec: { tier: 'default' },
  })
  expect(fromStorage(stored)).toMatchObject({ apiVersion: 'projectcalico.org/v3', metadata: { name: 'web' } })
})

test('a policy of another tier keeps its name', () => {
  const stored = toStorage({ ...policy({ tier: 'sec' }), metadata: { name: 'sec.web' } })
  expect(stored.metadata.name).toBe('sec.web')
  expect(fromStorage(stored).metadata.name).toBe('sec.web')
})

test('a tier denies unless it says otherwise', () => {
  expect(toStorage(policy({ order: 5 }, 'Tier')).spec).toEqual({ order: 5, defaultAction: 'Deny' })
  expect(toStorage(policy({ defaultAction: 'Pass' }, 'Tier')).spec).toEqual({ defaultAction: 'Pass' })
})
