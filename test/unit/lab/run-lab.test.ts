import type { Cluster } from '../../../src/cluster/index.ts'
import { LabError } from '../../../src/errors.ts'
import type { KubeClient } from '../../../src/kube/index.ts'
import { describeObject, type KubernetesObject } from '../../../src/kubernetes-object.ts'
import { type LabEvent, loadLab, runLab } from '../../../src/lab/index.ts'
import type { Outcome } from '../../../src/matrix/prober.ts'

const lab = loadLab('test/fixtures/labs/valid-small')

test('a run applies, settles, measures and compares step by step, and removes what it made', async () => {
  const world = new World()
  const events: string[] = []
  const run = await runLab({ lab, ...world.parts(), onEvent: (event) => events.push(nameOf(event)) })
  expect(run).toMatchObject({
    apiVersion: 'ztlab.dev/v1',
    kind: 'LabRun',
    lab: { id: 'valid-small', title: 'Small' },
    cluster: { name: 'fake', backend: 'embedded', nodes: 2, sharesPolicyModel: true },
    ok: true,
  })
  expect(run.steps.map(({ name, ok, execs, settleMs }) => [name, ok, execs, settleMs !== null])).toEqual([
    ['baseline', true, 2, false],
    ['default-deny', true, 2, true],
    ['open', true, 2, true],
  ])
  expect(run.steps[1]).toMatchObject({
    applied: [
      { source: 'template default-deny', objects: ['NetworkPolicy shop/default-deny'] },
      { source: 'template own', objects: ['ConfigMap shop/own'] },
    ],
    commands: [{ code: 1, output: 'connection timed out', ok: true }],
    cells: [
      {
        from: 'shop/client',
        to: 'shop/web',
        expected: 'deny',
        predicted: 'dropped',
        measured: 'dropped',
        predictedReason: expect.stringContaining('default-deny'),
        ok: true,
      },
      { to: 'name:web', expected: 'dns-failure', measured: 'dns-failure' },
      { from: 'shop/web', expected: 'unproven', measured: 'unproven', ok: true },
    ],
    explanations: [
      {
        edge: 'shop/client -> shop/web TCP/80',
        text: expect.stringContaining('egress of shop/client: denied'),
      },
    ],
  })
  expect(world.objects).toEqual(world.untouched)
  expect(world.settledAt).toHaveLength(3)
  expect(events).toEqual([
    'doing Workloads',
    'started baseline',
    'doing Measure 2 edges',
    'ended baseline',
    'started default-deny',
    'doing Apply NetworkPolicy shop/default-deny, ConfigMap shop/own',
    'doing nslookup web in shop/client',
    'doing Measure 3 edges',
    'ended default-deny',
    'started open',
    'doing Measure 1 edges',
    'ended open',
    'doing Clean up',
  ])
})

test('a mismatch is reported with the deciding rule, the run goes on and is not ok', async () => {
  const world = new World({ enforces: false })
  const run = await runLab({ lab, ...world.parts() })
  expect(run.ok).toBe(false)
  expect(run.steps.map(({ ok }) => ok)).toEqual([true, false, true])
  expect(run.steps[1]!.cells[0]).toMatchObject({
    expected: 'deny',
    predicted: 'dropped',
    measured: 'allowed',
    oddOneOut: 'measured',
    ok: false,
    predictedReason: expect.stringMatching(/end of tier default .*shop\/default-deny/),
  })
  expect(run.steps[1]!.commands[0]).toMatchObject({ ok: false, reason: 'exit code 0, expected 1' })
  expect(world.objects).toEqual(world.untouched)
})

test('interrupted in the middle, it removes what it made before it throws', async () => {
  const world = new World()
  const stop = new AbortController()
  const run = runLab({
    lab,
    ...world.parts(),
    signal: stop.signal,
    onEvent: (event) => {
      if (nameOf(event) === 'started default-deny') stop.abort()
    },
  })
  await expect(run).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 })
  expect(world.objects).toEqual(world.untouched)
})

test('an apply that fails half way is removed, too; a failing clean-up does not hide why', async () => {
  const world = new World({ applyFails: 'NetworkPolicy' })
  await expect(runLab({ lab, ...world.parts() })).rejects.toMatchObject({ message: 'refused NetworkPolicy' })
  expect(world.objects).toEqual(world.untouched)

  const stuck = new World({ applyFails: 'NetworkPolicy', deleteFails: true })
  const events: LabEvent[] = []
  const run = runLab({ lab, ...stuck.parts(), onEvent: (event) => events.push(event) })
  await expect(run).rejects.toMatchObject({ message: 'refused NetworkPolicy' })
  expect(events.at(-1)).toEqual({ type: 'cleanup-failed', problem: 'will not go' })
})

test('objects that the run did not make are neither changed nor deleted', async () => {
  const world = new World()
  const foreign: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
  world.objects.push(foreign)
  await expect(runLab({ lab, ...world.parts() })).rejects.toMatchObject({
    code: 'bad-input',
    problems: ['Namespace shop: exists already (it is not ours; delete it yourself)'],
    hint: 'kubectl delete namespace shop',
  })
  expect(world.objects).toContain(foreign)
})

const noProof = new LabError({ code: 'enforces-nothing', message: 'a deny did not bite' })
const noCanary = new LabError({ code: 'timeout', message: 'no image' })

test.each([
  ['enforces what it has', null, 'unsupported', 'it enforces networking.k8s.io/v1'],
  ['enforces nothing', noProof, 'enforces-nothing', undefined],
  ['runs no canary', noCanary, 'unsupported', 'what it enforces could not be tried: no image'],
])('a cluster that lacks a policy API and %s is refused before the lab writes anything', async (...row) => {
  const [, found, code, cause] = row
  const world = new World()
  const { cluster, kube } = world.parts()
  const proofs: (boolean | undefined)[] = []
  const weak: Cluster = {
    ...cluster,
    abilities: { ...cluster.abilities, policyApis: ['networking.k8s.io/v1'] },
    async settled(_revision, { prove } = {}) {
      proofs.push(prove)
      if (found) throw found
    },
  }
  await expect(runLab({ lab, cluster: weak, kube })).rejects.toMatchObject({ code, cause, exitCode: 3 })
  expect(proofs).toEqual([true])
  expect(world.objects).toEqual(world.untouched)
})

test('with keepObjects everything stays', async () => {
  const world = new World()
  await runLab({ lab, ...world.parts(), keepObjects: true })
  expect(world.objects.map(describeObject)).toContain('Pod shop/web')
})

test('a walk is asked before each step, and inspections are taken from whoever can', async () => {
  const asked: string[] = []
  const walk = { ...lab, steps: lab.steps.map((step) => ({ ...step, inspect: ['shop/client'] })) }
  const run = await runLab({
    lab: walk,
    ...new World().parts(),
    beforeStep: async (step) => void asked.push(step.name),
    inspectPod: async (pod) => `PID of ${pod}`,
  })
  expect(asked).toEqual(['baseline', 'default-deny', 'open'])
  expect(run.steps[0]!.inspections).toEqual([{ pod: 'shop/client', text: 'PID of shop/client' }])
})

function nameOf(event: LabEvent): string {
  if (event.type === 'doing') return `doing ${event.title}`
  if (event.type === 'cleanup-failed') return event.type
  return `${event.type.replace('step-', '')} ${event.step.name}`
}

interface WorldOptions {
  /** Whether policies do anything. */
  enforces?: boolean
  /** A kind that the API refuses. */
  applyFails?: string
  deleteFails?: boolean
}

/** A cluster in memory: objects, pods that run at once, and a network in which a default deny drops. */
class World {
  readonly untouched: KubernetesObject[] = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system' },
      spec: { clusterIP: '10.96.0.10', ports: [{ port: 53, protocol: 'UDP' }] },
    },
  ]
  objects: KubernetesObject[] = [...this.untouched]
  readonly settledAt: string[] = []
  private revision = 1

  constructor(private readonly options: WorldOptions = {}) {}

  parts(): { cluster: Cluster; kube: KubeClient } {
    const cluster = {
      name: 'fake',
      backend: 'embedded',
      kubeconfig: '',
      abilities: {
        policyApis: ['projectcalico.org/v3'],
        protocols: ['TCP', 'UDP'],
        nodeShell: true,
        probeTimeoutMs: 300,
        dataplane: 'nft',
        sharesPolicyModel: true,
      },
      nodes: async () => [
        { name: 'node-1', address: '172.18.0.2' },
        { name: 'node-2', address: '172.18.0.3' },
      ],
      settled: async (revision: string) => void this.settledAt.push(revision),
    }
    return { cluster: cluster as unknown as Cluster, kube: this.kube() as unknown as KubeClient }
  }

  private kube(): Partial<KubeClient> {
    return {
      apply: async (objects, { runId, signal } = {}) => {
        if (signal?.aborted) throw new LabError({ code: 'interrupted', message: 'interrupted' })
        return objects.map((object) => this.store(object, runId!))
      },
      delete: async (objects) => {
        if (this.options.deleteFails) throw new LabError({ code: 'timeout', message: 'will not go' })
        const names = objects.map(describeObject)
        this.objects = this.objects.filter((object) => !names.includes(describeObject(object)))
        this.revision++
      },
      get: async (_apiVersion, kind, name) =>
        this.objects.find((object) => object.kind === kind && object.metadata.name === name) ?? null,
      list: async (apiVersion, kind) =>
        this.objects.filter((object) => object.apiVersion === apiVersion && object.kind === kind),
      waitReady: async () => {},
      raw: async () => JSON.stringify({ metadata: { resourceVersion: String(this.revision) } }),
      exec: async ({ command, pod, stdin }) => {
        if (command[0] === 'nslookup') {
          return this.denies()
            ? { code: 1, stdout: '', stderr: 'connection timed out' }
            : { code: 0, stdout: 'ok', stderr: '' }
        }
        const lines = stdin!
          .trim()
          .split('\n')
          .map((line) => {
            const [id, phase, , host] = line.split('\t') as [string, string, string, string]
            return `${id}\t${this.answer({ pod, inside: phase !== '2', host })}\t1\t`
          })
        return { code: 0, stdout: lines.join('\n'), stderr: '' }
      },
    }
  }

  private store(object: KubernetesObject, runId: string): KubernetesObject {
    if (object.kind === this.options.applyFails) {
      throw new LabError({ code: 'bad-input', message: `refused ${object.kind}` })
    }
    const labels = { ...object.metadata.labels, 'ztlab.dev/run': runId }
    const stored = { ...object, metadata: { ...object.metadata, labels } }
    if (object.kind === 'Pod') {
      const ip = object.metadata.name === 'web' ? '192.168.0.2' : '192.168.0.1'
      Object.assign(stored, { status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] } })
    }
    this.objects.push(stored)
    this.revision++
    return stored
  }

  /** Only web listens. */
  private answer({ pod, inside, host }: { pod: string; inside: boolean; host: string }): Outcome {
    if (inside) return pod === 'web' ? 'OK' : 'REFUSED'
    if (this.denies()) return host === 'web' ? 'DNS-TIMEOUT' : 'TIMEOUT'
    return host === '192.168.0.1' ? 'REFUSED' : 'OK'
  }

  private denies(): boolean {
    return this.options.enforces !== false && this.objects.some(({ kind }) => kind === 'NetworkPolicy')
  }
}
