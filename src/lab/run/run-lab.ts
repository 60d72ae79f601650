import { randomBytes } from 'node:crypto'
import { isLabError, LabError, messageOf } from '../../errors.ts'
import type { LabRun, StepRun } from '../../report/index.ts'
import type { LabContext, LabEvent } from './lab-context.ts'
import { OwnedObjects } from './owned-objects.ts'
import { runStep } from './run-step.ts'
import { settle } from './settle.ts'

/**
 * Runs a lab from its manifests to its last step, on a cluster that is up. Cells that are not as expected make the
 * run not `ok`; it goes on, so that every one is reported. Throws for all else (`unsupported`, `cluster-unreachable`,
 * `timeout`, `interrupted`, `bad-input`). However it ends, what it made is removed first, and awaited.
 */
export async function runLab(context: LabContext): Promise<LabRun> {
  const { lab, cluster, kube, signal, onEvent = () => {} } = context
  await checkAbilities(context)
  const started = performance.now()
  const startedAt = new Date().toISOString()
  const runId = randomBytes(4).toString('hex')
  const owned = new OwnedObjects(kube, runId, context.bounds)
  const steps: StepRun[] = []
  let finished = false
  try {
    onEvent({ type: 'doing', title: 'Workloads' })
    await prepare(context, owned)
    for (const [index, step] of lab.steps.entries()) {
      await context.beforeStep?.(step, index)
      throwIfAborted(signal)
      onEvent({ type: 'step-started', step, index })
      const run = await runStep({ ...context, onEvent }, { step, owned })
      steps.push(run)
      onEvent({ type: 'step-ended', step: run, index })
    }
    finished = true
  } finally {
    if (!context.keepObjects) await cleanUp(owned, { finished, onEvent })
  }
  return {
    apiVersion: 'ztlab.dev/v1',
    kind: 'LabRun',
    lab: { id: lab.id, title: lab.title },
    cluster: {
      name: cluster.name,
      backend: cluster.backend,
      nodes: (await cluster.nodes()).length,
      sharesPolicyModel: cluster.abilities.sharesPolicyModel,
    },
    runId,
    startedAt,
    steps,
    ok: steps.every(({ ok }) => ok),
    durationMs: Math.round(performance.now() - started),
  }
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new LabError({ code: 'interrupted', message: 'interrupted', hint: 'run it again' })
}

/** Where a lab's policies cannot even be written, a canary tells whether any other would be enforced there. */
async function checkAbilities({ lab, cluster, kube, signal, onEvent = () => {} }: LabContext): Promise<void> {
  const { policyApis } = cluster.abilities
  const missing = lab.requires.filter((api) => !policyApis.includes(api))
  if (missing.length === 0) return
  onEvent({ type: 'doing', title: 'See whether this cluster enforces anything' })
  const tried = await settle({ kube, cluster, signal, prove: true }).then(
    () => `it enforces ${policyApis.join(', ') || 'no policies'}`,
    (error: unknown) => {
      if (!isLabError(error) || ['enforces-nothing', 'interrupted'].includes(error.code)) throw error
      return `what it enforces could not be tried: ${messageOf(error)}`
    },
  )
  throw new LabError({
    code: 'unsupported',
    message: `cluster ${cluster.name} does not take ${missing.join(', ')}, which the lab ${lab.id} is about`,
    cause: tried,
    hint: `ztlab lab run ${lab.id} --cluster embedded`,
  })
}

async function prepare({ lab, kube, cluster, signal }: LabContext, owned: OwnedObjects): Promise<void> {
  const objects = lab.manifests.flatMap((manifest) => manifest.objects)
  if (objects.length === 0) return
  await owned.apply(lab.manifests, signal)
  await kube.waitReady(objects, { signal })
  await settle({ kube, cluster, changed: objects, signal })
}

/** Not cancelled by the signal that ended the run: leaving things behind is worse than taking a moment. */
async function cleanUp(
  owned: OwnedObjects,
  { finished, onEvent }: { finished: boolean; onEvent: (event: LabEvent) => void },
): Promise<void> {
  onEvent({ type: 'doing', title: 'Clean up' })
  try {
    await owned.removeAll()
  } catch (error) {
    // The error that ended the run is the one to show; this one is told beside it.
    if (finished) throw error
    onEvent({ type: 'cleanup-failed', problem: messageOf(error) })
  }
}
