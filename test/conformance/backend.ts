import { jest } from '@jest/globals'
import type { Cluster, ClusterBackend, ClusterSpec, NodeRef, Progress } from '../../src/cluster/index.ts'
import { connectKube, type KubeClient } from '../../src/kube/index.ts'
import { testUnless } from '../support/test-unless.ts'
import { workloads } from './workloads.ts'

/** A kind of cluster that the suite is run on. */
export interface Backend {
  name: string
  /** Why it cannot be run here, or null. */
  whyNot: string | null
  /** Why its policies are left out, or null where they are enforced. */
  whyNoPolicies: string | null
  /** Why nobody is refused anything there, or null where RBAC is in force. */
  whyNoRights?: string | null
  spec: Omit<ClusterSpec, 'name' | 'detached'>
  load(): Promise<ClusterBackend>
  /** Where the suite shall reach the cluster otherwise than its maker does: how. */
  through?(cluster: Cluster): Promise<{ backend: ClusterBackend; cluster: Cluster }>
  /** True where flows are all that happened, with the policies that decided, and not samples. */
  logsFlows?: boolean
  /** Lives on: what the suite put there is taken away again. */
  stays?: boolean
  /** How long a cluster may take to be made. */
  startTimeoutMs: number
}

/** A cluster with the suite's workloads on it, which lives as long as one test file. */
export interface World {
  backend: ClusterBackend
  cluster: Cluster
  kube: KubeClient
  nodes: NodeRef[]
  spec: ClusterSpec
  /** Ends all of it. */
  close(): Promise<void>
}

export const silent: Progress = {
  step: (_title, work) => work(),
  note: () => undefined,
  warn: () => undefined,
}

/** A part of the suite: registers its tests. The world is there once they run. */
export type Part = (world: () => World, backend: Backend) => void

/** Runs parts of the suite on one cluster; what cannot be run is skipped, and its title says why. */
export function conformance(backend: Backend, parts: Record<string, Part>): void {
  if (backend.whyNot !== null) {
    process.stderr.write(`conformance backend=${backend.name} is left out: ${backend.whyNot}\n`)
    // Not `testUnless`: every title of the suite ends in the name of its backend.
    test.skip(`everything (skipped: ${backend.whyNot}) backend=${backend.name}`, () => undefined)
    return
  }
  jest.setTimeout(testTimeoutMs)
  let world: World | undefined
  // In a suite of its own: what comes after all of a file, such as the end of its home, comes after this.
  describe('conformance', () => {
    beforeAll(async () => {
      world = await start(backend)
    }, backend.startTimeoutMs)
    afterAll(async () => {
      await world?.close()
    }, endTimeoutMs)
    for (const [title, part] of Object.entries(parts))
      describe(`${title} backend=${backend.name}`, () => part(() => world!, backend))
  })
}

/** What takes 100 ms takes seconds where other tests run beside. */
const testTimeoutMs = 180_000

/** Deleting a kind cluster takes 20 s, and minutes where other tests run beside. */
export const endTimeoutMs = 240_000

/** A test that needs enforced policies; where nothing enforces them it is skipped, and its title says why. */
export function testPolicies(backend: Backend, title: string, body: () => Promise<void>): void {
  testUnless(backend.whyNoPolicies, { title, body, timeoutMs: testTimeoutMs })
}

async function start({ spec, load, through, stays, name }: Backend): Promise<World> {
  const backend = await load()
  const whole = { ...spec, name: `conformance-${name}-${process.pid}`, detached: false }
  const made = await backend.create(whole, silent)
  const open: { close(): unknown }[] = [made]
  const close = async () => {
    for (const each of open.splice(0).reverse()) await each.close()
  }
  try {
    const kube = await connectKube(made.kubeconfig)
    open.push(kube)
    const reached = through ? await through(made) : { backend, cluster: made }
    if (reached.cluster !== made) open.push(reached.cluster)
    const nodes = await reached.cluster.nodes()
    const objects = workloads(nodes.map((node) => node.name))
    if (stays) open.push({ close: () => kube.delete(objects, { gracePeriodSeconds: 0 }) })
    await kube.apply(objects)
    await kube.waitReady(objects, { timeoutMs: 120_000 })
    return { ...reached, kube, nodes, spec: whole, close }
  } catch (error) {
    await close()
    throw error
  }
}
