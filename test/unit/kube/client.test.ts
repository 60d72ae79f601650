import { heldDeadline } from '../../support/deadline.ts'
import {
  type FakeApi,
  fakeApi,
  kubeAt,
  pod,
  type Reply,
  type Request,
  readyStatus,
  status,
} from './fake-api.ts'

let api: FakeApi
const serve = async (reply: (request: Request) => Reply) => {
  api = await fakeApi(reply)
  return api.kube
}
afterEach(() => api?.close())

const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
const echo = ({ body }: Request): Reply => ({ body: JSON.parse(body) })

describe('apply', () => {
  test('writes the Namespace first, by server-side apply as ztlab, with the label of the run', async () => {
    const kube = await serve(echo)
    const stored = await kube.apply([pod('web'), namespace], { runId: 'r1' })
    expect(stored.map(({ kind }) => kind)).toEqual(['Pod', 'Namespace'])
    expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PATCH /api/v1/namespaces/shop?fieldManager=ztlab&force=true&fieldValidation=Strict',
      'PATCH /api/v1/namespaces/shop/pods/web?fieldManager=ztlab&force=true&fieldValidation=Strict',
    ])
    expect(JSON.parse(api.requests[1]!.body).metadata.labels).toEqual({ 'ztlab.dev/run': 'r1' })
  })

  test('collects every refusal, each with the name of its object', async () => {
    const kube = await serve(({ path }) =>
      path.includes('/web')
        ? status(422, 'invalid', [
            { field: 'spec.a', message: 'Required value' },
            { field: 'spec.b', message: 'too long' },
          ])
        : status(409, 'it is being deleted'),
    )
    await expect(kube.apply([pod('web'), pod('db')])).rejects.toMatchObject({
      code: 'bad-input',
      problems: [
        'Pod shop/web: spec.a: Required value',
        'Pod shop/web: spec.b: too long',
        'Pod shop/db: it is being deleted',
      ],
    })
  })

  test('does not go on without its Namespace', async () => {
    const kube = await serve(() => status(422, 'bad name'))
    await expect(kube.apply([namespace, pod('web')])).rejects.toMatchObject({
      problems: ['Namespace shop: bad name'],
    })
    expect(api.requests).toHaveLength(1)
  })

  test('waits for the ServiceAccount of a new Namespace instead of failing', async () => {
    let forbidden = true
    const kube = await serve((request) => {
      if (request.path.includes('serviceaccounts')) {
        forbidden = false
        return { body: { items: [{ metadata: { name: 'default' } }], metadata: { resourceVersion: '1' } } }
      }
      return forbidden
        ? status(403, 'pods "web" is forbidden: error looking up service account shop/default: not found')
        : echo(request)
    })
    await expect(kube.apply([pod('web')])).resolves.toHaveLength(1)
  })

  test('asks again when a busy API server says when', async () => {
    let asked = 0
    const kube = await serve((request) =>
      ++asked === 1 ? { status: 429, headers: { 'retry-after': '0' } } : echo(request),
    )
    await expect(kube.apply([namespace])).resolves.toHaveLength(1)
    expect(asked).toBe(2)
  })

  test('names a kind that the cluster does not serve', async () => {
    const kube = await serve(() => status(404, 'not found'))
    const strange = { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'w' } }
    await expect(kube.apply([strange])).rejects.toMatchObject({
      code: 'unsupported',
      message: 'this cluster does not serve example.org/v1 Widget',
    })
  })
})

describe('an API that cannot be talked to', () => {
  test('is unreachable, and never an answer', async () => {
    const kube = kubeAt('http://127.0.0.1:1')
    await expect(kube.get('v1', 'Pod', 'web', 'shop')).rejects.toMatchObject({ code: 'cluster-unreachable' })
  })

  test('ends a call when its signal is aborted', async () => {
    const kube = await serve(() => ({ stream: [] }))
    const signal = AbortSignal.timeout(30)
    await expect(kube.raw('/slow', { signal })).rejects.toMatchObject({ code: 'interrupted' })
  })

  test('times out with the time it waited', async () => {
    const kube = await serve(() => ({ stream: [] }))
    await expect(kube.raw('/slow', { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('within 30 ms'),
    })
  })
})

test('get and list take what does not exist for nothing', async () => {
  const kube = await serve(() => status(404, 'not found'))
  await expect(kube.get('v1', 'Pod', 'web', 'shop')).resolves.toBeNull()
  await expect(kube.list('projectcalico.org/v3', 'NetworkPolicy')).resolves.toEqual([])
})

test('the items of a list know what they are', async () => {
  const kube = await serve(() => ({ body: { items: [{ metadata: { name: 'web' } }] } }))
  const pods = await kube.list('v1', 'Pod', { namespace: 'shop', labelSelector: 'app=web' })
  expect(pods).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } }])
  expect(api.requests[0]!.path).toBe('/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb')
})

describe('waitReady', () => {
  const list = (...items: object[]) => ({ body: { items, metadata: { resourceVersion: '5' } } })

  test('follows the watch from the list until all are ready', async () => {
    const kube = await serve(({ path }) =>
      path.includes('watch=true')
        ? { stream: [{ type: 'MODIFIED', object: pod('web', { status: readyStatus }) }] }
        : list(pod('web'), pod('db', { status: readyStatus })),
    )
    await kube.waitReady([pod('web'), pod('db')])
    expect(api.requests.map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/shop/pods',
      '/api/v1/namespaces/shop/pods?watch=true&resourceVersion=5',
    ])
  })

  test('what could not be looked at in time is not ready', async () => {
    const kube = await serve(({ path }) => (path.endsWith('/events') ? list() : { stream: [] }))
    await expect(kube.waitReady([pod('web')], { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'timeout',
      problems: ['Pod shop/web: the API server did not tell of it in time'],
    })
  })

  test('on timeout says which pod waits, why, and its last event', async () => {
    const waiting = { reason: 'ErrImagePull', message: 'no such image' }
    const event = {
      involvedObject: { name: 'web' },
      reason: 'Failed',
      message: 'pull failed',
      lastTimestamp: '2',
    }
    const deadline = heldDeadline(1000)
    const kube = await serve(({ path }) => {
      if (path.endsWith('/events')) return { body: { items: [event, { ...event, lastTimestamp: '1' }] } }
      if (path.includes('watch=true')) {
        // Whoever watches has seen the list.
        deadline.abort()
        return { stream: [] }
      }
      return list(pod('web', { status: { containerStatuses: [{ name: 'c', state: { waiting } }] } }))
    })
    await expect(kube.waitReady([pod('web')], { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'timeout',
      problems: [
        'Pod shop/web: container c waits: ErrImagePull: no such image (last event: Failed: pull failed)',
      ],
    })
  })
})

describe('delete', () => {
  test('waits by watch until the object is gone', async () => {
    const kube = await serve(({ method, path }) => {
      if (method === 'DELETE') return {}
      if (path.includes('watch=true')) return { stream: [{ type: 'DELETED', object: pod('web') }] }
      return { body: { items: [pod('web')], metadata: { resourceVersion: '5' } } }
    })
    await kube.delete([pod('web')], { gracePeriodSeconds: 0 })
    expect(api.requests.map(({ method }) => method)).toEqual(['DELETE', 'GET', 'GET'])
    expect(JSON.parse(api.requests[0]!.body)).toMatchObject({ gracePeriodSeconds: 0 })
  })

  test('says what still stands when the time is over', async () => {
    const kube = await serve(({ path }) =>
      path.includes('watch=true')
        ? { stream: [] }
        : { body: { items: [pod('web')], metadata: { resourceVersion: '5' } } },
    )
    await expect(kube.delete([pod('web')], { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'timeout',
      problems: [expect.stringContaining('Pod shop/web')],
    })
  })
})
