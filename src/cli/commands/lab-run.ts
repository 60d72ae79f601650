import type { Cluster, ClusterBackend, ClusterSpec } from '../../cluster/index.ts'
import { exitCodes, isLabError, messageOf } from '../../errors.ts'
import { inspectPod, renderInspection } from '../../inspect/index.ts'
import { connectKube } from '../../kube/index.ts'
import { type Lab, type LabEvent, loadLab, runLab } from '../../lab/index.ts'
import {
  formatLabRun,
  textLabIntro,
  textStepIntro,
  textStepResult,
  textStyle,
  textSummary,
} from '../../report/index.ts'
import type { CommandContext, CommandHandler } from '../command.ts'
import type { OptionValues } from '../options.ts'
import { pressEnter } from '../prompt.ts'
import { backendOf } from './backend-of.ts'
import { labObjects } from './dry-run.ts'
import { clusterSpec, freshName } from './new-cluster.ts'
import { openRunning } from './running-cluster.ts'

export const labRun: CommandHandler = async (context) => {
  const { args, options, output, signal } = context
  const lab = loadLab(args[0]!)
  const backend = await backendOf(options)
  // Before anything else is said: the flags may be wrong.
  const spec = newClusterOf(lab, backend, options)
  if (options.dryRun) {
    output.result(await labObjects(lab, backend))
    return exitCodes.asExpected
  }
  const style = textStyle(output.resultStyle)
  const live = options.output === 'text'
  if (live) output.result(`${textLabIntro(lab, style)}\n\n`)
  const cluster = await clusterFor(spec, backend, context)
  try {
    const kube = await connectKube(cluster.kubeconfig)
    try {
      const run = await runLab({
        lab,
        cluster,
        kube,
        signal,
        onEvent: live ? printLive(lab, context) : printProgress(context),
        inspectPod: (pod) => inspection({ cluster, kube, pod }),
        // A cluster of this run's own is deleted as a whole.
        keepObjects: options.name === undefined && backend.creates && !mayReuse(backend, options),
        ...(!backend.creates && {
          bounds: { namespaces: options.namespace ?? [], clusterWide: options.clusterWide ?? false },
        }),
        ...(options.step && { beforeStep: (_step, index) => stopBetween(index, context) }),
      })
      output.result(live ? textSummary(run, style) : formatLabRun(run, options.output))
      return run.ok ? exitCodes.asExpected : exitCodes.finding
    } finally {
      kube.close()
    }
  } finally {
    await cluster.close()
  }
}

/** A cluster without a way to its nodes cannot show their objects; the lab goes on, and says so. */
async function inspection(target: Parameters<typeof inspectPod>[0]): Promise<string> {
  try {
    return renderInspection(await inspectPod(target))
  } catch (error) {
    if (!isLabError(error) || error.code !== 'unsupported') throw error
    return `unsupported: ${error.message}: ${messageOf(error.cause ?? '')}`
  }
}

function mayReuse({ keepsWarm }: ClusterBackend, { fresh }: OptionValues): boolean {
  return keepsWarm && !fresh
}

/** What a cluster of this run's own would be; null where there are none. */
function newClusterOf(lab: Lab, backend: ClusterBackend, options: OptionValues): ClusterSpec | null {
  if (!backend.creates) return null
  const name = options.name ?? freshName(lab.id)
  const spec = clusterSpec(options, { name, nodes: lab.nodes, detached: false })
  return { ...spec, reuse: mayReuse(backend, options) }
}

/** The running cluster that `--name` means, one that earlier runs left warm, or one that lives as long as this run. */
async function clusterFor(
  spec: ClusterSpec | null,
  backend: ClusterBackend,
  { options, output, progress, signal }: CommandContext,
): Promise<Cluster> {
  if (!spec) return openRunning({ options, output })
  const cluster =
    options.name === undefined
      ? await backend.create(spec, progress, signal)
      : await backend.open(options.name)
  output.status(`cluster: ${cluster.backend} ${cluster.name}`)
  return cluster
}

function printLive(lab: Lab, { output }: CommandContext): (event: LabEvent) => void {
  const style = textStyle(output.resultStyle)
  return (event) => {
    if (event.type === 'step-started') {
      const place = { number: event.index + 1, of: lab.steps.length, style }
      output.result(`${textStepIntro(event.step, place)}\n\n`)
    } else if (event.type === 'step-ended') {
      output.result(`${textStepResult(event.step, style)}\n\n`)
    } else if (event.type === 'doing') {
      output.transient(`… ${event.title}`)
    } else {
      output.error(`! clean-up failed: ${event.problem}`)
    }
  }
}

function printProgress({ output }: CommandContext): (event: LabEvent) => void {
  return (event) => {
    if (event.type === 'step-ended') output.status(`${event.step.ok ? '✓' : '✗'} ${event.step.title}`)
    else if (event.type === 'doing') output.transient(`… ${event.title}`)
    else if (event.type === 'cleanup-failed') output.error(`! clean-up failed: ${event.problem}`)
  }
}

async function stopBetween(index: number, { output, stdin, signal }: CommandContext): Promise<void> {
  if (index > 0) await pressEnter({ output, stdin, signal })
}
