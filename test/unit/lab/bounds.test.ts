import type { KubeClient } from '../../../src/kube/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { refuseElsewhere, withoutShared } from '../../../src/lab/run/bounds.ts'

const bounds = { namespaces: ['theirs'], clusterWide: false }
const namespace = (name: string) => object('Namespace', name)

test('objects stay within namespaces of the run and shared ones', () => {
  const inside = [namespace('own'), object('Pod', 'a', 'own'), object('Pod', 'b', 'theirs')]
  expect(() => refuseElsewhere(inside, [], bounds)).not.toThrow()
  expect(() => refuseElsewhere([object('Pod', 'c', 'earlier')], [namespace('earlier')], bounds)).not.toThrow()
  expect(() => refuseElsewhere([object('Pod', 'd', 'default')], [], bounds)).toThrow(
    expect.objectContaining({
      code: 'bad-input',
      problems: ['Pod default/d: its namespace is not of this run'],
      hint: '--namespace default',
    }),
  )
})

test.each(['GlobalNetworkPolicy', 'ClusterNetworkPolicy'])('%s is refused unless it is meant', (kind) => {
  const policy = [object(kind, 'deny')]
  expect(() => refuseElsewhere(policy, [], bounds)).toThrow(
    expect.objectContaining({ code: 'bad-input', hint: expect.stringContaining('--cluster-wide') }),
  )
  expect(() => refuseElsewhere(policy, [], { ...bounds, clusterWide: true })).not.toThrow()
})

test('staged policies of the whole cluster change nothing and pass', () => {
  expect(() => refuseElsewhere([object('StagedGlobalNetworkPolicy', 'deny')], [], bounds)).not.toThrow()
})

test('a shared namespace that exists is left as it is; one that does not is made', async () => {
  const kube = {
    get: async (_apiVersion: string, _kind: string, name: string) =>
      name === 'theirs' ? namespace(name) : null,
  } as unknown as KubeClient
  const objects = [namespace('theirs'), namespace('new'), object('Pod', 'a', 'theirs')]
  expect(await withoutShared(objects, { kube, shared: ['theirs', 'new'] })).toEqual(objects.slice(1))
})

function object(kind: string, name: string, namespace?: string): KubernetesObject {
  return { apiVersion: 'v1', kind, metadata: { name, ...(namespace && { namespace }) } }
}
