import { join } from 'node:path'
import { isLabError } from '../../../src/errors.ts'
import { loadLab, runLab } from '../../../src/lab/index.ts'
import { projectRoot } from '../../../src/project-root.ts'
import { changes, dumpCluster } from '../../support/cluster-dump.ts'
import { asContext } from '../as-context.ts'
import { endTimeoutMs, type Part, silent, type World } from '../backend.ts'

/** What holds of a cluster that is not ours, and of no other. */
export const context: Part = (world, backend) => {
  test('a context is listed by its name, opened by it, and never made', async () => {
    const { backend, cluster, nodes, spec } = world()
    expect(await backend.list()).toEqual([cluster.name])
    expect(await cluster.nodes()).toEqual(nodes)
    await expect(backend.create(spec, silent)).rejects.toMatchObject({ code: 'bad-input', exitCode: 2 })
  })

  test('what was there is left byte for byte as it was: by a lab, a node shell, a preflight and a sweep', async () => {
    const {
      kube,
      cluster: { kubeconfig },
      nodes,
    } = world()
    const before = await dumpCluster(kube)
    const { backend: own, cluster } = await asContext({ kubeconfig })
    try {
      await runOnContext({ ...world(), cluster }, 'test/fixtures/labs/tiny')
      const ended = await runOnContext({ ...world(), cluster }, 'labs/calico-basics')
      expect(ended).toBe(backend.whyNoPolicies === null ? 'ok' : 'enforces-nothing')
      await cluster.runOnNode(nodes[0]!.name, ['true'])
      const checks = await own.preflight()
      expect(checks.find(({ title }) => title === 'canary')).toMatchObject({
        ok: backend.whyNoPolicies === null,
      })
      await own.delete(cluster.name)
    } finally {
      await cluster.close()
    }
    expect(changes(before, await dumpCluster(kube))).toEqual([])
  }, 240_000)
}

/** The last part of a context: its cluster stays. */
export const contextEnding: Part = (world) => {
  test(
    'closing a context ends nothing but what was made for the run',
    async () => {
      const { cluster, kube, close } = world()
      await cluster.close()
      expect(await kube.get('v1', 'Pod', 'web', 'shop')).toMatchObject({ status: { phase: 'Running' } })
      const namespaces = await kube.list('v1', 'Namespace', { labelSelector: 'ztlab.dev/run' })
      expect(namespaces).toEqual([])
      await close()
    },
    endTimeoutMs,
  )
}

/** Runs a lab as its command does on a cluster of others; how it ended. */
export async function runOnContext({ cluster, kube }: World, folder: string): Promise<string> {
  try {
    const bounds = { namespaces: [], clusterWide: false }
    const { ok } = await runLab({ lab: loadLab(join(projectRoot(), folder)), cluster, kube, bounds })
    return ok ? 'ok' : 'not as expected'
  } catch (error) {
    if (isLabError(error)) return error.code
    throw error
  }
}
