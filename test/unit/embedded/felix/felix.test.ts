import {
  type ApiClient,
  Replica,
  type ResourceType,
  resourceKey,
  resources,
} from '../../../../src/embedded/api-client/index.ts'
import { startFelix } from '../../../../src/embedded/felix/index.ts'
import { isLabError } from '../../../../src/errors.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

test('a revision is in force once every node has taken its script', async () => {
  const { api, change, felix, scripts } = cluster()
  felix()
  change(
    1,
    [resources.namespaces, namespace('shop')],
    [resources.pods, pod('web')],
    [resources.pods, pod('db')],
  )
  await felix().programmed(1)
  expect(scripts).toHaveLength(2)
  change(2, [resources.networkPolicies, denyAll('deny')])
  await felix().programmed(2)
  // Both pods are on node-1: nothing changes on node-2.
  expect(scripts).toHaveLength(3)
  expect(scripts[2]).toContain('chain filter-cali-pi-knp/shop/deny')
  expect(api.revision).toBe(2)
  expect([...felix().counters('node-1').keys()]).toContain('pod/shop/web/ingress/tier/default/deny')
  await felix().stop()
})

test('nothing to change is no call of nft, and the revision is in force at once', async () => {
  const { change, felix, scripts } = cluster()
  change(1, [resources.namespaces, namespace('shop')], [resources.pods, pod('web')])
  await felix().programmed(1)
  const before = scripts.length
  change(2)
  await felix().programmed(2)
  change(3, [resources.namespaces, { ...namespace('other'), status: { phase: 'Active' } }])
  await felix().programmed(3)
  expect(scripts).toHaveLength(before)
})

test('changes that come while one is programmed are taken together', async () => {
  const { change, felix, scripts, hold } = cluster(['node-1'])
  change(1, [resources.namespaces, namespace('shop')], [resources.pods, pod('web')])
  await felix().programmed(1)
  const release = hold()
  for (let index = 0; index < 5; index++)
    change(2 + index, [resources.networkPolicies, denyAll(`deny-${index}`)])
  release()
  await felix().programmed(6)
  expect(scripts).toHaveLength(3)
  expect(scripts[2]).toContain('knp/shop/deny-4')
})

test('a refused change is followed by the whole table', async () => {
  const { change, felix, scripts, lines, refuse } = cluster(['node-1'])
  change(1, [resources.namespaces, namespace('shop')], [resources.pods, pod('web')])
  await felix().programmed(1)
  refuse((script) => !script.startsWith('add table'), 'interval overlaps')
  change(2, [resources.networkPolicies, denyAll('deny')])
  await felix().programmed(2)
  expect(scripts).toHaveLength(3)
  expect(scripts[2]).toMatch(/^add table inet calico\ndelete table inet calico\n/)
  expect(lines.join('\n')).toContain('interval overlaps')
})

test('where the whole table is refused too, the reason is given until a change succeeds', async () => {
  const { change, felix, refuse } = cluster(['node-1'])
  change(1, [resources.namespaces, namespace('shop')], [resources.pods, pod('web')])
  await felix().programmed(1)
  refuse(() => true, '/dev/stdin:18:3-5: Error: Could not process rule: Operation not supported')
  change(2, [resources.networkPolicies, denyAll('deny')])
  const error = await felix()
    .programmed(2)
    .catch((reason: unknown) => reason)
  expect(isLabError(error)).toBe(true)
  expect(error).toMatchObject({
    message: expect.stringMatching(/node-1: nft refused \w+ .*Could not process rule/),
  })
  refuse(() => false, '')
  change(3)
  await felix().programmed(3)
  await felix().programmed(2)
})

test('a rule that the kernel has no ability for names the module', async () => {
  const { change, felix, refuse, lineOf } = cluster(['node-1'])
  refuse(
    () => true,
    (script) =>
      `/dev/stdin:${lineOf(script, 'fib saddr')}:3-9: Error: Could not process rule: No such file or directory`,
  )
  change(1, [resources.namespaces, namespace('shop')])
  await expect(felix().programmed(1)).rejects.toMatchObject({
    code: 'unsupported',
    hint: 'sudo modprobe nft_fib_inet',
    message: expect.stringContaining('chain raw-PREROUTING'),
  })
})

test('emptied for a test, it says so and has no rule', async () => {
  const { change, felix, scripts, lines } = cluster(['node-1'], { ZTLAB_TEST_EMPTY_FELIX: '1' })
  change(1, [resources.namespaces, namespace('shop')], [resources.pods, pod('web')])
  await felix().programmed(1)
  expect(scripts[0]).not.toContain('drop')
  expect(lines[0]).toContain('every packet is accepted')
})

function cluster(names = ['node-1', 'node-2'], env: NodeJS.ProcessEnv = {}) {
  const replica = new Replica()
  const scripts: string[] = []
  const lines: string[] = []
  let refused: (script: string) => string | null = () => null
  let held = Promise.resolve()
  const runNft = async (script: string) => {
    scripts.push(script)
    await held
    const reason = refused(script)
    if (reason) throw Object.assign(new Error('command failed'), { cause: reason })
  }
  const api = replica as unknown as ApiClient
  let started: ReturnType<typeof startFelix> | undefined
  return {
    api,
    scripts,
    lines,
    felix() {
      const nodes = names.map((name) => ({ name, runNft }))
      started ??= startFelix({ api, nodes, log: (line) => lines.push(line), env })
      return started
    },
    change(revision: number, ...objects: [ResourceType, KubernetesObject][]) {
      for (const [type, object] of objects)
        replica.take({ type: 'ADDED', resource: resourceKey(type), object })
      replica.take({ type: 'REVISION', revision })
    },
    hold() {
      let release = () => {}
      held = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
    refuse(which: (script: string) => boolean, reason: string | ((script: string) => string)) {
      refused = (script) => (which(script) ? (typeof reason === 'string' ? reason : reason(script)) : null)
    },
    lineOf: (script: string, text: string) => script.split('\n').findIndex((line) => line.includes(text)) + 1,
  }
}

let version = 0

function object(apiVersion: string, kind: string, name: string, rest: object): KubernetesObject {
  version += 1
  const metadata = { name, uid: `${kind}-${name}`, resourceVersion: String(version) }
  return { apiVersion, kind, metadata, ...rest }
}

function namespace(name: string): KubernetesObject {
  return object('v1', 'Namespace', name, {})
}

function pod(name: string): KubernetesObject {
  const made = object('v1', 'Pod', name, {
    spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'busybox' }] },
    status: { phase: 'Running', podIP: '192.168.0.2', podIPs: [{ ip: '192.168.0.2' }] },
  })
  made.metadata.namespace = 'shop'
  return made
}

function denyAll(name: string): KubernetesObject {
  const made = object('networking.k8s.io/v1', 'NetworkPolicy', name, {
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  })
  made.metadata.namespace = 'shop'
  return made
}
