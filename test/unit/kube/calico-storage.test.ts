import { toStorage } from '../../../src/kube/calico-storage.ts'
import { fromStorage } from '../../../src/policy/index.ts'
import { fakeApi, status } from './fake-api.ts'

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

test('a policy is kept under its own name, with its tier', () => {
  const stored = toStorage(policy({}))
  expect(stored).toMatchObject({
    apiVersion: 'crd.projectcalico.org/v1',
    metadata: { name: 'web', namespace: 'shop', labels: { a: 'b' } },
    spec: { tier: 'default' },
  })
  expect(fromStorage(stored)).toMatchObject({ apiVersion: 'projectcalico.org/v3', metadata: { name: 'web' } })
})

test.each<[string, string, object]>([
  ['web', 'web', {}],
  ['default.web', 'web', {}],
  ['default.web', 'web', { spec: { tier: 'default' } }],
  ['sec.web', 'sec.web', { spec: { tier: 'sec' } }],
  ['default.web', 'default.web', { spec: { tier: 'sec' } }],
])('what stands under %s is read as %s: %j', (name, read, fields) => {
  const stored = {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'NetworkPolicy',
    metadata: { name },
    ...fields,
  }
  expect(fromStorage(stored).metadata.name).toBe(read)
})

test('the name that calicoctl noted goes before the one it is stored under', () => {
  const annotations = { 'projectcalico.org/metadata': '{"name":"default.web","uid":"1"}' }
  const stored = {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'default.web', annotations },
  }
  expect(fromStorage(stored).metadata.name).toBe('default.web')
})

test('what calicoctl would refuse is refused, all at once and by field', () => {
  const wrong = policy({ selector: 'app = 1', ingress: [{ action: 'Permit' }] })
  expect(() => toStorage(wrong)).toThrow(
    expect.objectContaining({
      code: 'bad-input',
      problems: [
        expect.stringContaining('NetworkPolicy shop/web: spec.ingress[0].action'),
        expect.stringContaining('NetworkPolicy shop/web: spec.selector'),
      ],
    }),
  )
})

test('a tier denies unless it says otherwise', () => {
  const tier = (spec: object) => ({ ...policy(spec, 'Tier'), metadata: { name: 'sec' } })
  expect(toStorage(tier({ order: 5 })).spec).toEqual({ order: 5, defaultAction: 'Deny' })
  expect(toStorage(tier({ defaultAction: 'Pass' })).spec).toMatchObject({ defaultAction: 'Pass' })
})

describe("a cluster that has Calico's definitions only", () => {
  const group = '/apis/crd.projectcalico.org/v1'
  const served = [
    { name: 'networkpolicies', kind: 'NetworkPolicy', namespaced: true },
    { name: 'tiers', kind: 'Tier', namespaced: false },
  ]
  const path = (name: string) => `${group}/namespaces/shop/networkpolicies/${name}`

  const calico = (objects: Record<string, object>) =>
    fakeApi(({ method, path, body }) => {
      if (path === group) return { body: { resources: served } }
      if (path.includes('watch=true')) return { stream: [] }
      if (path === `${group}/namespaces/shop/networkpolicies`)
        return { body: { items: Object.values(objects), metadata: { resourceVersion: '1' } } }
      const name = path.replace(/\?.*/, '')
      if (method === 'PATCH') objects[name] = JSON.parse(body)
      const found = objects[name]
      if (!found) return status(404, 'not found')
      if (method === 'DELETE') delete objects[name]
      return { body: found }
    })

  test('takes, gives, lists and deletes policies by their v3 reference', async () => {
    const objects: Record<string, object> = {}
    const { kube, close } = await calico(objects)
    await kube.apply([policy({})])
    expect(Object.keys(objects)).toEqual([path('web')])
    await expect(kube.get('projectcalico.org/v3', 'NetworkPolicy', 'web', 'shop')).resolves.toMatchObject(
      policy({ tier: 'default', types: ['Ingress'] }),
    )
    await expect(
      kube.list('projectcalico.org/v3', 'NetworkPolicy', { namespace: 'shop' }),
    ).resolves.toMatchObject([policy({})])
    await kube.delete([policy({})])
    expect(objects).toEqual({})
    await close()
  })

  test('deletes what an older Calico stored under its tier, and leaves what only sounds alike', async () => {
    const older = { ...toStorage(policy({})), metadata: { name: 'default.web', namespace: 'shop' } }
    const objects: Record<string, object> = { [path('default.web')]: older }
    const { kube, close } = await calico(objects)
    await expect(kube.get('projectcalico.org/v3', 'NetworkPolicy', 'web', 'shop')).resolves.toMatchObject({
      metadata: { name: 'web' },
    })
    await kube.delete([policy({})])
    expect(objects).toEqual({})
    const other = { [path('web')]: toStorage(policy({})), [path('default.web')]: older }
    const both = await calico(other)
    await both.kube.delete([policy({})])
    expect(Object.keys(other)).toEqual([path('default.web')])
    await Promise.all([close(), both.close()])
  })
})
