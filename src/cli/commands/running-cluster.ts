import type { Cluster, ClusterBackend } from '../../cluster/index.ts'
import { LabError } from '../../errors.ts'
import type { CommandContext } from '../command.ts'
import type { OptionValues } from '../options.ts'
import { backendOf } from './backend-of.ts'

/** Name of the cluster that `cluster up` makes where none is given. */
export const defaultName = 'ztlab'

/** The running cluster that `--name` means; without it, the only one there is. */
export async function openRunning({
  options,
  output,
}: Pick<CommandContext, 'options' | 'output'>): Promise<Cluster> {
  const backend = await backendOf(options)
  const name = await runningName(backend, options)
  const cluster = await backend.open(name)
  output.status(`cluster: ${cluster.backend} ${cluster.name}`)
  return cluster
}

/** The name that `--name` gives; without it, that of the only cluster there is. */
export async function runningName(
  backend: ClusterBackend,
  { name, cluster }: Pick<OptionValues, 'name' | 'cluster'>,
): Promise<string> {
  return name ?? onlyOf(await backend.list(), cluster)
}

/** Opens a running cluster for as long as `use` takes. */
export async function withRunning<T>(
  context: CommandContext,
  use: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const cluster = await openRunning(context)
  try {
    return await use(cluster)
  } finally {
    await cluster.close()
  }
}

function onlyOf(names: string[], kind: string): string {
  if (names.length === 1) return names[0]!
  if (names.length === 0) {
    throw new LabError({
      code: 'not-found',
      message: `no ${kind} cluster is running`,
      hint: `ztlab cluster up --cluster ${kind}`,
    })
  }
  throw new LabError({
    code: 'bad-input',
    message: `${names.length} ${kind} clusters are running: which one?`,
    cause: names.join(', '),
    hint: `--name ${names[0]}`,
  })
}
