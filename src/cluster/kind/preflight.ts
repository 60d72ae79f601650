import { messageOf } from '../../errors.ts'
import { type Run, run } from '../../exec.ts'
import type { Check } from '../cluster.ts'
import { findKind, kindInstallLine } from './kind-binary.ts'

/** kind and a Docker that answers. */
export async function preflight(runner: Run = run): Promise<Check[]> {
  const kind = findKind()
  return [
    {
      title: 'kind',
      ok: kind !== null,
      detail: kind ?? 'the kind program is not installed; it makes the cluster',
      ...(!kind && { cure: kindInstallLine }),
      required: true,
    },
    await dockerCheck(runner),
  ]
}

async function dockerCheck(runner: Run): Promise<Check> {
  const title = 'docker'
  try {
    const { stdout } = await runner(['docker', 'version', '--format', '{{.Server.Version}}'], {
      timeoutMs: 10_000,
    })
    return { title, ok: true, detail: `version ${stdout.trim()}`, required: true }
  } catch (error) {
    return {
      title,
      ok: false,
      detail: `Docker does not answer, and nodes are its containers: ${messageOf(error)}`,
      cure: 'sudo systemctl start docker   # and: sudo usermod -aG docker "$USER"',
      required: true,
    }
  }
}
