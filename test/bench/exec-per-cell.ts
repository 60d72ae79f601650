import type { KubeClient } from '../../src/kube/index.ts'
import type { Question } from '../../src/matrix/index.ts'

/** What the usual way of measuring brings back: whether each cell, in its order, was let through. */
export interface ExecPerCell {
  allowed: boolean[]
  durationMs: number
}

/**
 * One exec per cell, several at a time, as cyclonus probes (15 workers by default, `agnhost connect` in the
 * source pod): what fails to connect counts as denied.
 */
export async function execPerCell(
  kube: KubeClient,
  cells: Question[],
  { workers, timeoutMs }: { workers: number; timeoutMs: number },
): Promise<ExecPerCell> {
  const pods = await kube.list('v1', 'Pod')
  const byRef = new Map(pods.map((pod) => [`${pod.metadata.namespace}/${pod.metadata.name}`, pod]))
  const allowed: boolean[] = []
  const waiting = cells.map((cell, index) => ({ cell, index }))
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { from, to, protocol, port } = next.cell
      const [namespace, pod] = from.split('/') as [string, string]
      const target = `${byRef.get(to)!.status.podIP}:${port}`
      const container: string = byRef.get(from)!.spec.containers[0].name
      const command = [
        '/agnhost',
        'connect',
        target,
        `--timeout=${timeoutMs}ms`,
        `--protocol=${protocol.toLowerCase()}`,
      ]
      const { code } = await kube.exec({ namespace, pod, container, command, timeoutMs: 60_000 })
      allowed[next.index] = code === 0
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: workers }, work))
  return { allowed, durationMs: performance.now() - started }
}
