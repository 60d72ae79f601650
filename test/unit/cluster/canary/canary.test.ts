import { type Canary, canaryObjects, createCanary } from '../../../../src/cluster/canary/canary.ts'
import { canaryKinds } from '../../../../src/cluster/canary/kinds.ts'
import { LabError } from '../../../../src/errors.ts'
import type { ExecRequest, KubeClient } from '../../../../src/kube/index.ts'
import type { KubernetesObject } from '../../../../src/kubernetes-object.ts'

const place = {
  namespace: 'ztlab-canary-1',
  runId: 'r1',
  biteTimeoutMs: 2000,
  network: 'kindnet v1',
  hint: 'another network',
}

test('a deny that bites and an allow that lets through prove the network', async () => {
  const { canary, wanted, applied } = world(() => '')
  await canary.prove()
  expect(wanted).toEqual(['allow', 'deny', 'allow'])
  expect(applied.every(({ runId }) => runId === 'r1')).toBe(true)
})

test('a deny that does not bite is enforces-nothing with exit code 3, never a denial', async () => {
  const { canary } = world((verdict) => (verdict === 'deny' ? '192.168.0.1:8080\n' : ''))
  await expect(canary.prove()).rejects.toMatchObject({
    code: 'enforces-nothing',
    exitCode: 3,
    cause: expect.stringContaining('after 2000 ms the canary in namespace ztlab-canary-1 still reached'),
    hint: 'another network',
  })
})

test('a canary that reaches nobody although nothing denies says so, and is no proof', async () => {
  const { canary } = world((verdict) => (verdict === 'allow' ? '192.168.0.1:8080\n' : ''))
  await expect(canary.prove()).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('within 2000 ms'),
  })
})

test.each([
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['projectcalico.org/v3', 'NetworkPolicy'],
  ['projectcalico.org/v3', 'GlobalNetworkPolicy'],
  ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'],
])(
  'without policies of others, settled waits for a new Service and a name; with a %s %s, a policy is flipped',
  async (apiVersion, kind) => {
    const objects: KubernetesObject[] = []
    const { canary, wanted, sights } = world(() => '', objects)
    await canary.settled()
    expect(wanted).toEqual(['allow', 'allow'])
    expect(sights[1]).toEqual([
      'allow',
      '10.96.0.9:53412',
      'allow',
      expect.stringMatching(/^canary-\w+\.ztlab-canary-1\.svc:53412$/),
      'arrive',
      'kubernetes.default.svc:443',
    ])
    objects.push({ apiVersion, kind, metadata: { name: 'deny' } })
    await canary.settled()
    expect(wanted.at(-1)).toBe('deny')
  },
)

test.each(canaryKinds.map(({ apiVersion, kind, ports }) => [apiVersion, kind, ports] as const))(
  'a change of a %s %s is in force once the canary of that kind has closed the other of its ports',
  async (apiVersion, kind, [first, second]) => {
    const objects: KubernetesObject[] = [{ apiVersion, kind, metadata: { name: 'theirs' } }]
    const policies = [{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'x' } }]
    const { canary, sights, written } = world(() => '', policies)
    const closed = () =>
      written.filter((one) => one.kind === kind && one.metadata.name === 'ztlab-canary-1.ports').at(-1)
    for (const [port, verdict] of [
      [first, 'deny'],
      [second, 'allow'],
      [first, 'deny'],
    ]) {
      await canary.settled({ changed: objects })
      expect(sights.at(-1)).toEqual([verdict, '192.168.0.1:8080', 'deny', `192.168.0.1:${port}`])
      expect(closed()!.metadata.annotations).toEqual({ 'ztlab.dev/closed-port': String(port) })
    }
    // Another run goes on from where this one has stopped.
    const next = world(() => '', policies, closed())
    await next.canary.settled({ changed: objects })
    expect(next.sights.at(-1)).toEqual(['deny', '192.168.0.1:8080', 'deny', `192.168.0.1:${second}`])
  },
)

test('its sets hold its own clients alone: rules of others select sets, too', async () => {
  const policies = [{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'x' } }]
  const { canary, written } = world(() => '', policies)
  await canary.settled({ changed: canaryKinds })
  const sets = written.filter(({ kind }) => kind.endsWith('NetworkSet'))
  expect(sets.map(({ kind, spec }) => [kind, spec.nets])).toEqual([
    ['NetworkSet', ['192.168.0.7/32', 'fd00::7/128']],
    ['GlobalNetworkSet', ['192.168.0.7/32', 'fd00::7/128']],
  ])
})

test.each([
  ['v1', 'Service'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
])(
  'past the policies of others a change of a %s %s waits until a new Service leads, by its address alone',
  async (apiVersion, kind) => {
    const policies = [{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'x' } }]
    const { canary, wanted, sights } = world(() => '', policies)
    const changed = [{ apiVersion, kind }]
    await canary.settled({ changed })
    // It denied to show that policies are in force, and lets through again for the Service.
    expect(wanted.slice(-3)).toEqual(['deny', 'allow', 'allow'])
    expect(sights.at(-1)).toEqual(['allow', '10.96.0.9:53412'])
    await canary.settled()
    expect(sights.at(-1)).toEqual(['deny', '192.168.0.1:8080'])
  },
)

test('a kind that is not enforced is named, whatever else is', async () => {
  const policies = [{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'x' } }]
  const { canary } = world((verdict) => (verdict === 'deny' ? '192.168.0.1:8084\n' : ''), policies)
  const changed = [{ apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy' }]
  await expect(canary.settled({ changed })).rejects.toMatchObject({
    code: 'enforces-nothing',
    message: 'this cluster does not enforce a ClusterNetworkPolicy (policy.networking.k8s.io/v1alpha2)',
  })
})

test('settled that shall prove sees a deny bite where no policy stands, and names the network where none does', async () => {
  const { canary, wanted } = world(() => '')
  await canary.settled({ prove: true })
  expect(wanted).toEqual(['allow', 'deny', 'allow'])
  const open = world((verdict) => (verdict === 'deny' ? '192.168.0.1:8080\n' : ''))
  await expect(open.canary.settled({ prove: true })).rejects.toMatchObject({
    code: 'enforces-nothing',
    cause: expect.stringMatching(/192\.168\.0\.1:8080; its network: kindnet v1$/),
  })
})

test('all that it made is removed; what was never begun needs no removal', async () => {
  const { canary, deleted } = world(() => '')
  await canary.remove()
  expect(deleted).toEqual([])
  await canary.prove()
  await canary.remove()
  expect(deleted.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['Namespace', 'Tier', 'NetworkPolicy']),
  )
})

test('whoever is refused the namespace has nothing to take away, and hears of nothing else', async () => {
  const { kube, deleted } = world(() => '')
  const refused = new LabError({ code: 'missing-permission', message: 'not permitted: Namespace' })
  const apply = async () => {
    throw refused
  }
  const canary = createCanary(async () => ({ ...kube, apply }), place)
  await expect(canary.prove()).rejects.toBe(refused)
  await canary.remove()
  expect(deleted).toEqual([])
})

test('a tier needs Calico, and the right to write it', () => {
  const kinds = (calico: boolean) =>
    new Set(
      canaryObjects(place, { nodes: ['n1'], calico }).map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
    )
  expect(kinds(true)).toContain('projectcalico.org/v3 Tier')
  expect(kinds(false)).toEqual(new Set(['v1 Namespace', 'v1 Pod', 'networking.k8s.io/v1 NetworkPolicy']))
})

/** A canary over a cluster with one node, where `lag` says which targets never show a verdict. */
function world(
  lag: (verdict: string) => string,
  policies: KubernetesObject[] = [],
  left?: KubernetesObject,
): {
  kube: KubeClient
  canary: Canary
  wanted: string[]
  /** What each exec was to see. */
  sights: string[][]
  written: KubernetesObject[]
  applied: { runId?: string }[]
  deleted: KubernetesObject[]
} {
  const wanted: string[] = []
  const sights: string[][] = []
  const written: KubernetesObject[] = []
  const applied: { runId?: string }[] = []
  const deleted: KubernetesObject[] = []
  const node = { metadata: { name: 'n1' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
  const listener = { metadata: { name: 'listener-0' }, status: { podIP: '192.168.0.1' } }
  const client = {
    metadata: { name: 'client-0' },
    status: { podIP: '192.168.0.7', podIPs: [{ ip: '192.168.0.7' }, { ip: 'fd00::7' }] },
  }
  const kube = {
    get: async (_apiVersion: string, kind: string) => (kind === 'Tier' ? { kind } : (left ?? null)),
    list: async (apiVersion: string, kind: string, { labelSelector }: { labelSelector?: string } = {}) =>
      kind === 'Node'
        ? [node]
        : kind === 'Pod'
          ? [labelSelector === 'role=client' ? client : listener]
          : policies.filter((one) => one.kind === kind && one.apiVersion === apiVersion),
    apply: async (objects: KubernetesObject[], options: { runId?: string }) => {
      applied.push(options)
      written.push(...objects)
      return objects.map((object) => ({ ...object, spec: { ...object.spec, clusterIP: '10.96.0.9' } }))
    },
    delete: async (objects: KubernetesObject[]) => void deleted.push(...objects),
    waitReady: async () => undefined,
    async exec({ command }: ExecRequest) {
      const verdict = command[5]!
      wanted.push(verdict)
      sights.push(command.slice(5))
      return { code: 0, stdout: lag(verdict), stderr: '' }
    },
  } as unknown as KubeClient
  return { kube, canary: createCanary(async () => kube, place), wanted, sights, written, applied, deleted }
}
