import { readPolicyBook } from '../../../../src/cluster/flows/policy-book.ts'
import { policyKey } from '../../../../src/embedded/flow-record.ts'
import type { KubeClient } from '../../../../src/kube/index.ts'

const long = 'p'.repeat(200)
const objects: Record<string, object[]> = {
  'projectcalico.org/v3 NetworkPolicy': [
    { metadata: { namespace: 'shop', name: 'web' }, spec: { tier: 'first' } },
  ],
  'projectcalico.org/v3 StagedNetworkPolicy': [{ metadata: { namespace: 'shop', name: long }, spec: {} }],
  'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy': [
    { metadata: { name: 'admin' }, spec: { tier: 'Admin' } },
  ],
}
const kube = {
  list: async (apiVersion: string, kind: string) => objects[`${apiVersion} ${kind}`] ?? [],
} as unknown as KubeClient

const record = { pending: false, action: 'allow', rule: 0 } as const

test('records become what Calico calls them', async () => {
  const { hitOf } = await readPolicyBook(kube)
  const end = { action: 'Allow', trigger: null }
  expect(hitOf({ ...record, policy: 'np/shop/web' })).toEqual({
    ...end,
    kind: 'CalicoNetworkPolicy',
    namespace: 'shop',
    name: 'web',
    tier: 'first',
  })
  expect(hitOf({ ...record, policy: 'kcnp/admin' })).toMatchObject({
    kind: 'ClusterNetworkPolicy',
    namespace: null,
    tier: 'kube-admin',
  })
  expect(hitOf({ ...record, policy: 'pro/kns.shop' })).toEqual({
    ...end,
    kind: 'Profile',
    namespace: null,
    name: 'kns.shop',
    tier: null,
  })
})

test('the end of a tier names the policy that made it count, whatever the length of its name', async () => {
  const { hitOf } = await readPolicyBook(kube)
  const policy = policyKey(`snp/shop/${long}`)
  expect(policy).not.toContain(long)
  expect(hitOf({ pending: true, action: 'deny', rule: null, policy })).toEqual({
    kind: 'EndOfTier',
    namespace: null,
    name: null,
    tier: 'default',
    action: 'Deny',
    trigger: { kind: 'StagedNetworkPolicy', namespace: 'shop', name: long, tier: 'default' },
  })
})

test('a policy that is gone has the name of its record', async () => {
  const { hitOf } = await readPolicyBook(kube)
  expect(hitOf({ ...record, policy: 'knp/shop/gone' })).toMatchObject({
    kind: 'NetworkPolicy',
    namespace: 'shop',
    name: 'gone',
  })
})
