import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { changesSince, listEverything } from '../../../src/cluster/kind/listing.ts'
import { takeLock } from '../../../src/cluster/kind/run-lock.ts'
import { shapeOf } from '../../../src/cluster/kind/warm-record.ts'
import type { KubeClient } from '../../../src/kube/index.ts'
import type { KubernetesObject } from '../../../src/kubernetes-object.ts'
import { processMark } from '../../../src/process-mark.ts'

describe('the lock of a warm cluster', () => {
  const newFile = () => join(mkdtempSync(join(tmpdir(), 'ztlab-lock-')), 'kind', 'warm-2.lock')

  test('is had by one at a time, and can be taken again once it was given back', () => {
    const file = newFile()
    const release = takeLock(file)
    expect(release).not.toBeNull()
    expect(takeLock(file)).toBeNull()
    release!()
    expect(takeLock(file)).not.toBeNull()
    expect(readdirSync(join(file, '..'))).toEqual(['warm-2.lock'])
  })

  test('of a process that has ended is void, and so is not the next one', () => {
    const file = newFile()
    takeLock(file)!()
    // Beyond what the kernel numbers processes with.
    writeFileSync(file, processMark().replace(/\/\d+\/\d+$/, '/99999999/1'))
    expect(takeLock(file)).not.toBeNull()
    expect(takeLock(file)).toBeNull()
  })

  test('of another machine is respected', () => {
    const file = newFile()
    takeLock(file)!()
    writeFileSync(file, 'elsewhere/1/1')
    expect(takeLock(file)).toBeNull()
  })
})

describe('the listing of all objects', () => {
  /** A cluster that serves one group beside the core, and holds these objects. */
  function kubeWith(objects: KubernetesObject[]): KubeClient {
    const resource = (name: string, kind: string, verbs = ['list']) => ({ name, kind, verbs })
    const answers: Record<string, unknown> = {
      '/apis': { groups: [{ preferredVersion: { groupVersion: 'example.com/v1' } }] },
      '/api/v1': {
        resources: [
          resource('configmaps', 'ConfigMap'),
          resource('secrets', 'Secret'),
          resource('events', 'Event'),
          resource('pods/log', 'Pod', ['get']),
        ],
      },
      '/apis/example.com/v1': { resources: [resource('ipamblocks', 'IPAMBlock')] },
    }
    const list = (kind: string) => ({ items: objects.filter((object) => object.kind === kind) })
    const lists: Record<string, unknown> = {
      '/api/v1/configmaps': list('ConfigMap'),
      '/api/v1/secrets': list('Secret'),
      '/apis/example.com/v1/ipamblocks': { items: null },
    }
    return { raw: async (path: string) => JSON.stringify(answers[path] ?? lists[path]) } as KubeClient
  }
  const object = (name: string, more: Partial<KubernetesObject> = {}, kind = 'ConfigMap') => ({
    apiVersion: 'v1',
    kind,
    ...more,
    metadata: { name, namespace: 'shop', ...more.metadata },
  })
  const listing = (...objects: KubernetesObject[]) => listEverything(kubeWith(objects))

  test('names what is new, gone and changed', async () => {
    const before = await listing(object('stays'), object('goes'), object('turns', { data: { a: '1' } }))
    const now = await listing(object('stays'), object('comes'), object('turns', { data: { a: '2' } }))
    expect(changesSince(before, now)).toEqual([
      'new: v1 ConfigMap shop/comes',
      'changed: v1 ConfigMap shop/turns',
      'gone: v1 ConfigMap shop/goes',
    ])
  })

  test('passes over status, revisions and who wrote, and over nothing else of an object', async () => {
    const traces = { resourceVersion: '7', generation: 3, managedFields: [{}] }
    const changed = async (more: Partial<KubernetesObject>) =>
      changesSince(await listing(object('one')), await listing(object('one', more)))
    expect(await changed({ status: { ready: true }, metadata: { name: 'one', ...traces } })).toEqual([])
    expect(await changed({ metadata: { name: 'one', uid: 'other' } })).toHaveLength(1)
    expect(await changed({ metadata: { name: 'one', labels: { a: 'b' } } })).toHaveLength(1)
    expect(await changed({ metadata: { name: 'one', finalizers: ['x'] } })).toHaveLength(1)
  })

  test('the order of fields is no change, and what a first token leaves is none', async () => {
    const one = await listing(object('one', { data: { a: '1', b: '2' } }))
    const token = object('bootstrap-token-abcdef', {}, 'Secret')
    expect(changesSince(one, await listing(object('one', { data: { b: '2', a: '1' } }), token))).toEqual([])
  })
})

test('a warm cluster is taken for what has its shape alone; which images it is given does not matter', async () => {
  const spec = { name: 'x', nodes: 2, detached: false, cni: 'default' as const }
  const shape = await shapeOf(spec)
  expect(await shapeOf({ ...spec, loadImages: ['a.tar'], name: 'y' })).toBe(shape)
  for (const other of [{ nodes: 3 }, { nodeImage: 'kindest/node:v1' }, { cni: 'calico' as const }])
    expect(await shapeOf({ ...spec, ...other })).not.toBe(shape)
})
