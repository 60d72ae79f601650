import { foreignPolicies } from '../../../src/matrix/index.ts'
import { type FakeApi, fakeApi, type Reply } from '../kube/fake-api.ts'

const resource = (kind: string, name: string) => ({ kind, name, namespaced: true })
const notServed: Reply = { status: 404 }

const replies: Record<string, Reply> = {
  '/apis/cilium.io/v2': {
    body: {
      resources: [
        resource('CiliumNetworkPolicy', 'ciliumnetworkpolicies'),
        resource('CiliumClusterwideNetworkPolicy', 'ciliumclusterwidenetworkpolicies'),
      ],
    },
  },
  '/apis/cilium.io/v2/ciliumnetworkpolicies': { body: { items: [named('a'), named('b')] } },
  '/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies': { body: { items: [] } },
  '/apis/security.istio.io/v1': {
    body: { resources: [resource('AuthorizationPolicy', 'authorizationpolicies')] },
  },
  '/apis/security.istio.io/v1/authorizationpolicies': { status: 403, body: { message: 'not yours' } },
}

let api: FakeApi

beforeAll(async () => {
  api = await fakeApi(({ path }) => replies[path] ?? notServed)
})
afterAll(() => api.close())

test('policies that no prediction reads are counted, and those that may not be listed are named with why', async () => {
  expect(await foreignPolicies(api.kube)).toEqual([
    '2 × cilium.io/v2 CiliumNetworkPolicy may decide, too: predictions do not read them',
    expect.stringMatching(
      /^security\.istio\.io\/v1 AuthorizationPolicy may decide, too, and could not be listed: .*not permit/,
    ),
  ])
})

function named(name: string): object {
  return { metadata: { name, namespace: 'default' } }
}
