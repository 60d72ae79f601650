import { describeObject } from '../../kubernetes-object.ts'
import {
  type Comparison,
  describeEdge,
  measureMatrix,
  policyEngine,
  predict,
  readCluster,
} from '../../matrix/index.ts'
import type { CommandRun, Explanation, Inspection, StepRun } from '../../report/index.ts'
import type { Step } from '../lab.ts'
import type { LabContext } from './lab-context.ts'
import type { OwnedObjects } from './owned-objects.ts'
import { runPodCommand } from './pod-commands.ts'
import { settle } from './settle.ts'

type StepContext = LabContext & Required<Pick<LabContext, 'onEvent'>>

/** One step, in the order that docs/labs.md gives: delete, apply, settle, run, measure, explain, inspect. */
export async function runStep(
  context: StepContext,
  { step, owned }: { step: Step; owned: OwnedObjects },
): Promise<StepRun> {
  const started = performance.now()
  const deleted = await owned.remove(step.delete, context.signal)
  const settleMs = await change(context, { step, owned, deleted })
  const commands: CommandRun[] = []
  for (const command of step.run) {
    context.onEvent({ type: 'doing', title: `${command.command.join(' ')} in ${command.pod}` })
    commands.push(await runPodCommand(context.kube, command, context.signal))
  }
  const comparison = await measure(context, step)
  return {
    name: step.name,
    title: step.title,
    teach: step.teach,
    look: step.look,
    mistake: step.mistake,
    applied: step.apply.map(({ source, yaml, objects }) => ({
      source,
      yaml,
      objects: objects.map(describeObject),
    })),
    deleted,
    commands,
    cells: comparison.cells,
    explanations: await explain(context, step),
    inspections: await inspect(context, step),
    ok: comparison.ok && commands.every(({ ok }) => ok),
    durationMs: Math.round(performance.now() - started),
    settleMs,
    execs: comparison.execs,
    measureMs: Math.round(comparison.durationMs),
  }
}

/** Applies what the step applies; returns how long it took to be enforced, null if nothing changed. */
async function change(
  context: StepContext,
  { step, owned, deleted }: { step: Step; owned: OwnedObjects; deleted: string[] },
): Promise<number | null> {
  const objects = step.apply.flatMap((manifest) => manifest.objects)
  if (objects.length === 0 && deleted.length === 0) return null
  if (objects.length > 0) {
    context.onEvent({ type: 'doing', title: `Apply ${objects.map(describeObject).join(', ')}` })
    await owned.apply(step.apply, context.signal)
    await context.kube.waitReady(objects, { signal: context.signal })
  }
  return settle({ ...context, changed: [...objects, ...step.delete] })
}

async function measure(context: StepContext, step: Step): Promise<Comparison> {
  if (!step.expect) return { cells: [], ok: true, execs: 0, durationMs: 0 }
  const { lab, kube, cluster, signal, engine, onEvent } = context
  onEvent({ type: 'doing', title: `Measure ${step.expect.cells.length} edges` })
  return measureMatrix({
    kube,
    abilities: cluster.abilities,
    questions: step.expect.cells,
    timeoutMs: lab.probeTimeoutMs ?? undefined,
    signal,
    engine,
  })
}

async function explain(
  { kube, engine = policyEngine, signal }: StepContext,
  step: Step,
): Promise<Explanation[]> {
  if (step.explain.length === 0 || !engine) return []
  const view = await readCluster(kube, signal)
  return predict(view, step.explain, engine(view)).map((answer) => ({
    edge: describeEdge(answer),
    text: [`${answer.verdict ?? 'not known'}: ${answer.reason}`, ...answer.sides].join('\n'),
  }))
}

async function inspect({ inspectPod, onEvent }: StepContext, step: Step): Promise<Inspection[]> {
  const inspections: Inspection[] = []
  for (const pod of inspectPod ? step.inspect : []) {
    onEvent({ type: 'doing', title: `Inspect ${pod}` })
    inspections.push({ pod, text: await inspectPod!(pod) })
  }
  return inspections
}
