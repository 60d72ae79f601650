import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { hasEnded, processMark } from '../../process-mark.ts'

/**
 * Takes a lock for this process: a file that names it, which is void once that process has ended, in whatever way.
 * Returns what gives it back, or null where a living process has it.
 */
export function takeLock(file: string): (() => void) | null {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const own = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(own, processMark(), { mode: 0o600 })
  try {
    while (!linked(own, file)) {
      const holder = read(file)
      if (holder !== null && !hasEnded(holder, undefined)) return null
      if (holder !== null && !setAside(file, { as: `${own}.void`, holder })) return null
    }
    return () => rmSync(file, { force: true })
  } finally {
    rmSync(own, { force: true })
  }
}

/** A link is made by one process only, and comes with its content. */
function linked(own: string, file: string): boolean {
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** False where somebody else has taken the void lock meanwhile: then it is put back. */
function setAside(file: string, { as, holder }: { as: string; holder: string }): boolean {
  try {
    renameSync(file, as)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
  const isVoid = read(as) === holder
  if (!isVoid) linked(as, file)
  rmSync(as, { force: true })
  return isVoid
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
