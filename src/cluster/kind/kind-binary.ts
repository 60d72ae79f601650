import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { searchPath } from '../../command-line.ts'
import { LabError } from '../../errors.ts'
import { type ExecOptions, type ExecResult, run } from '../../exec.ts'

/** The line that installs kind where Go is there; the project's site has binaries for the rest. */
export const kindInstallLine = 'go install sigs.k8s.io/kind@v0.33.0'

/** kind from PATH, or from where `go install` and people put it; null where it is in none of them. */
export function findKind(env: NodeJS.ProcessEnv = process.env): string | null {
  const folders = [...searchPath(env).split(':'), join(homedir(), 'go/bin'), join(homedir(), '.local/bin')]
  return folders.map((folder) => join(folder, 'kind')).find(isExecutable) ?? null
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

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
