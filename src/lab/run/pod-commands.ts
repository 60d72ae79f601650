import type { KubeClient } from '../../kube/index.ts'
import type { CommandRun } from '../../report/index.ts'
import type { PodCommand } from '../lab.ts'

/** Runs a command of a step in its pod and holds it against what the lab says of it. */
export async function runPodCommand(
  kube: KubeClient,
  command: PodCommand,
  signal?: AbortSignal,
): Promise<CommandRun> {
  const [namespace = '', pod = ''] = command.pod.split('/')
  const { code, stdout, stderr } = await kube.exec({
    namespace,
    pod,
    container: command.container ?? undefined,
    command: command.command,
    timeoutMs: command.timeoutMs,
    signal,
  })
  const output = `${stdout}${stderr}`
  const reason = whyUnexpected(command, { code, output })
  return { pod: command.pod, command: command.command, code, output, ok: reason === null, reason }
}

function whyUnexpected(
  wanted: PodCommand,
  { code, output }: { code: number; output: string },
): string | null {
  if (wanted.code !== null && code !== wanted.code) return `exit code ${code}, expected ${wanted.code}`
  if (wanted.output && !wanted.output.test(output)) return `the output does not match ${wanted.output.source}`
  return null
}
