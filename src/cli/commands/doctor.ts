import { stringify } from 'yaml'
import type { Check, ClusterBackend } from '../../cluster/index.ts'
import { exitCodes } from '../../errors.ts'
import { kubernetesYaml } from '../../kubernetes-yaml.ts'
import { jsonDocument } from '../../report/index.ts'
import type { CommandHandler } from '../command.ts'
import type { Output } from '../output.ts'
import { backendOf } from './backend-of.ts'

/** What a kind of cluster needs on this machine: what is there, what is not, and the command that cures it. */
export const doctor: CommandHandler = async ({ options, output }) => {
  const backend = await backendOf(options)
  if (options.dryRun) return showObjects(backend, output)
  const checks = await backend.preflight()
  const ok = checks.every(({ ok, required }) => ok || !required)
  output.result(
    options.output === 'json'
      ? jsonDocument('Checks', { cluster: options.cluster, ok, checks })
      : `${[`${options.cluster} cluster`, ...checks.map(line)].join('\n')}\n${verdict(ok, options.cluster)}`,
  )
  return ok ? exitCodes.asExpected : exitCodes.environment
}

/** What the checks themselves would write. */
async function showObjects(backend: ClusterBackend, output: Output): Promise<number> {
  const objects = (await backend.ownObjects?.())?.canary ?? []
  output.result(objects.map((object) => stringify(object, kubernetesYaml)).join('---\n') || '# nothing')
  return exitCodes.asExpected
}

function line({ title, ok, detail, cure, required }: Check): string {
  const mark = ok ? '✓' : required ? '✗' : '-'
  return `  ${mark} ${title}: ${detail}${cure && !ok ? `\n      next: ${cure}` : ''}`
}

function verdict(ok: boolean, cluster: string): string {
  return ok ? `a cluster of kind ${cluster} can run here` : `a cluster of kind ${cluster} cannot run here yet`
}
