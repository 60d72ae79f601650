import { homedir } from 'node:os'
import { join } from 'node:path'
import { findProgram, searchPath } from '../../command-line.ts'
import { LabError } from '../../errors.ts'
import { type ExecOptions, type ExecResult, run } from '../../exec.ts'

/** The line that installs kind where Go is there; the project's site has binaries for the rest. */
export const kindInstallLine = 'go install sigs.k8s.io/kind@v0.33.0'

/** The first kind that can load images into nodes that run containerd 2, which node images since Kubernetes 1.32 do. */
export const oldestKind = '0.27.0'

/** kind from PATH, or from where `go install` and people put it; null where it is in none of them. */
export function findKind(env: NodeJS.ProcessEnv = process.env): string | null {
  const folders = [join(homedir(), 'go/bin'), join(homedir(), '.local/bin')]
  return findProgram('kind', [...searchPath(env).split(':'), ...folders])
}

/** The version in what `kind version` prints; null where it says none, as one that was built from a branch may. */
export function kindVersion(printed: string): string | null {
  return /\bv(\d+\.\d+\.\d+)/.exec(printed)?.[1] ?? null
}

/** Whether a version is `oldestKind` or later. */
export function isRecentKind(version: string): boolean {
  return version.localeCompare(oldestKind, 'en', { numeric: true }) >= 0
}

/** Runs kind; it may take its time. */
export function runKind(argv: string[], options: ExecOptions = {}): Promise<ExecResult> {
  const kind = findKind()
  if (!kind) {
    throw new LabError({
      code: 'missing-package',
      message: 'kind is not installed',
      cause: 'it makes the clusters of --cluster kind',
      hint: kindInstallLine,
    })
  }
  return run([kind, ...argv], { timeoutMs: 600_000, ...options })
}
