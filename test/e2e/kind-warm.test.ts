import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kindBackend } from '../../src/cluster/kind/index.ts'
import { connectKube } from '../../src/kube/index.ts'
import type { KubernetesObject } from '../../src/kubernetes-object.ts'
import { kindOnHand } from '../support/kind-on-hand.ts'
import { fixtureLabs, homeForTests, testUnless } from '../support/ztlab.ts'

/** A user whose first cluster on kind stays warm. It makes three clusters, so it waits to be asked for. */
const home = homeForTests()
const { whyNot, whyNoCalico, spec } = kindOnHand()
const env = { XDG_CACHE_HOME: home.directory }
const timeoutMs = 200_000
const warm = 'warm-1'
const tiny = [
  'lab',
  'run',
  join(fixtureLabs, 'tiny'),
  '--cluster',
  'kind',
  ...['--cni', 'default', '--node-image', spec.nodeImage ?? ''],
]
const run = (more: string[] = []) => home.ztlab([...tiny, ...more], { env, timeoutMs })

const why = whyNot ?? whyNoCalico
if (why === null) {
  beforeAll(() => kindBackend.delete(warm), timeoutMs)
  afterAll(() => kindBackend.delete(warm), timeoutMs)
}

testUnless(why, {
  title: 'a run leaves its cluster warm, and the next one finds it clean',
  timeoutMs,
  body: async () => {
    expect(await run()).toMatchObject({ code: 0 })
    const first = await identity()
    const again = await run()
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining(warm) })
    expect(again.stderr).not.toContain('made anew')
    expect(await identity()).toBe(first)
    expect(await namespaces()).not.toContain('tiny')
  },
})

testUnless(why, {
  title: 'what a run left that was killed is deleted by the next one, on the same cluster',
  timeoutMs,
  body: async () => {
    const first = await identity()
    const killed = home.start(tiny, { env, timeoutMs })
    while (!(await namespaces()).includes('tiny')) await sleep(50)
    killed.process.kill('SIGKILL')
    await killed.finished
    expect(await namespaces()).toContain('tiny')
    const next = await run()
    expect(next).toMatchObject({ code: 0 })
    expect(next.stderr).not.toContain('made anew')
    expect(await identity()).toBe(first)
    expect(await namespaces()).not.toContain('tiny')
  },
})

testUnless(why, {
  title: 'a second run at the same time, and one that wants it fresh, get a cluster of their own',
  timeoutMs: 2 * timeoutMs,
  body: async () => {
    const first = await identity()
    const holder = home.start(tiny, { env, timeoutMs: 2 * timeoutMs })
    await holder.says(/cluster: kind/)
    holder.process.kill('SIGSTOP')
    const second = await run(['--verbose'])
    expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('in use by another run') })
    holder.process.kill('SIGCONT')
    expect(await holder.finished).toMatchObject({ code: 0 })
    expect(await kindBackend.list()).toEqual(expect.arrayContaining([warm]))
    expect((await kindBackend.list()).filter((name) => name.startsWith('tiny'))).toEqual([])
    expect(await identity()).toBe(first)
  },
})

testUnless(why, {
  title: 'a cluster that somebody has changed is made anew, and what was changed is named',
  timeoutMs: 2 * timeoutMs,
  body: async () => {
    const first = await identity()
    const foreign: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'foreign', namespace: 'default' },
    }
    await withKube((kube) => kube.apply([foreign]))
    const next = await run()
    expect(next).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('new: v1 ConfigMap default/foreign'),
    })
    expect(await identity()).not.toBe(first)
  },
})

async function withKube<T>(use: (kube: Awaited<ReturnType<typeof connectKube>>) => Promise<T>): Promise<T> {
  const cluster = await kindBackend.open(warm)
  const kube = await connectKube(cluster.kubeconfig)
  try {
    return await use(kube)
  } finally {
    kube.close()
    await cluster.close()
  }
}

function identity(): Promise<string> {
  return withKube(async (kube) => (await kube.get('v1', 'Namespace', 'kube-system'))!.metadata.uid!)
}

function namespaces(): Promise<string[]> {
  return withKube(async (kube) => (await kube.list('v1', 'Namespace')).map(({ metadata }) => metadata.name))
}
