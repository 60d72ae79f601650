import { readFileSync } from 'node:fs'
import { findProgram } from '../../command-line.ts'
import { type Run, run } from '../../exec.ts'
import { cgroupObstacle } from '../../kernel/index.ts'

/** What the checks ask of the machine; tests hand in another. */
export interface Machine {
  platform: string
  uid: number
  isInstalled(program: string): boolean
  /** A sysctl's value, null where the kernel has no such setting. */
  sysctl(name: string): string | null
  /** Why limits of containers cannot be applied here; null where they can. */
  cgroupObstacle(): string | null
  run: Run
}

export const thisMachine: Machine = {
  platform: process.platform,
  uid: process.getuid?.() ?? 0,
  isInstalled: (program) => findProgram(program) !== null,
  sysctl: (name) => readIfThere(`/proc/sys/${name.replaceAll('.', '/')}`)?.trim() ?? null,
  cgroupObstacle,
  run,
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
