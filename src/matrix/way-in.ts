import { isLabError, messageOf } from '../errors.ts'
import type { ExecOutcome, KubeClient } from '../kube/index.ts'
import type { PodView } from './cluster-view.ts'
import { probeScript } from './probe-script.ts'

export interface ProbeExec {
  kube: KubeClient
  pod: PodView
  stdin: string
  timeoutMs: number
  /** The image of an ephemeral container for pods without any shell; left out where none may be added. */
  ephemeralImage?: string | undefined
  signal?: AbortSignal | undefined
}

/** What came of it, or why there is no way into the pod. */
export type WayIn = { outcome: ExecOutcome; execs: number } | { noWayIn: string; execs: number }

/**
 * Runs the probe script in the first container of the pod that can run it: all of them share one network namespace. In
 * a pod that has none, in an ephemeral container, where that is allowed. Throws what an exec throws.
 */
export async function runProbes(request: ProbeExec): Promise<WayIn> {
  const { pod } = request
  const containers = [pod.container, ...pod.containers.filter((name) => name !== pod.container)]
  const reasons: string[] = []
  for (const container of containers) {
    const attempt = await tryContainer(request, container)
    if ('outcome' in attempt) return { ...attempt, execs: reasons.length + 1 }
    reasons.push(`${container}: ${attempt.noWayIn}`)
  }
  const why = `no container of ${pod.ref} can probe (${reasons.join('; ')})`
  const execs = reasons.length
  if (request.ephemeralImage === undefined) {
    return { noWayIn: `${why}; --ephemeral would add a container that can`, execs }
  }
  const added = await addContainer(request, request.ephemeralImage)
  if (added.container === null) return { noWayIn: `${why}, and no ephemeral one runs: ${added.why}`, execs }
  const attempt = await tryContainer(request, added.container)
  if ('outcome' in attempt) return { ...attempt, execs: execs + 1 }
  return { noWayIn: `${why}; the ephemeral one neither: ${attempt.noWayIn}`, execs: execs + 1 }
}

/** The exit code by which the probe script says that its image has nothing to probe with. */
const noDriver = 97
const noShell = /executable file not found|no such file or directory|exec format error/i

async function tryContainer(
  { kube, pod, stdin, timeoutMs, signal }: ProbeExec,
  container: string,
): Promise<{ outcome: ExecOutcome } | { noWayIn: string }> {
  try {
    const outcome = await kube.exec({
      namespace: pod.namespace,
      pod: pod.name,
      container,
      command: ['sh', '-c', probeScript],
      stdin,
      timeoutMs,
      signal,
    })
    if (outcome.code === noDriver) return { noWayIn: outcome.stderr.trim() }
    // Some runtimes report a program that does not exist as one that ended.
    const missing = [126, 127].includes(outcome.code) && noShell.test(outcome.stdout + outcome.stderr)
    return missing ? { noWayIn: 'it has no shell' } : { outcome }
  } catch (error) {
    const isMissing =
      isLabError(error) && error.code === 'command-failed' && noShell.test(messageOf(error.cause))
    if (isMissing) return { noWayIn: 'it has no shell' }
    throw error
  }
}

/** It cannot be taken away again, so it ends by itself. */
const lifetimeSeconds = '900'

async function addContainer(
  { kube, pod, signal }: ProbeExec,
  image: string,
): Promise<{ container: string } | { container: null; why: string }> {
  try {
    const container = await kube.addEphemeralContainer({
      namespace: pod.namespace,
      pod: pod.name,
      name: 'ztlab-probe',
      image,
      command: ['sleep', lifetimeSeconds],
      ...(signal && { signal }),
    })
    return { container }
  } catch (error) {
    if (!isLabError(error) || error.code === 'interrupted') throw error
    return {
      container: null,
      why: [error.message, error.cause, ...error.problems].filter(Boolean).map(messageOf).join(': '),
    }
  }
}
