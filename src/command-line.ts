import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/** `argv` as a line that can be pasted into a POSIX shell. */
export function pasteable(argv: string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}

/** PATH with the system folders behind it: an ordinary user on Debian has no /usr/sbin, where runc, nft and ip live. */
export function searchPath(env: NodeJS.ProcessEnv): string {
  const folders = (env.PATH ?? '/usr/bin:/bin').split(':')
  const missing = ['/usr/local/sbin', '/usr/sbin', '/sbin'].filter((folder) => !folders.includes(folder))
  return [...folders, ...missing].join(':')
}

/**
 * The search path of nodes: the system's folders first, then PATH. What is found by names such as `bridge`, which a CNI
 * plugin has, too, is the system's.
 */
export function nodeSearchPath(env: NodeJS.ProcessEnv): string {
  return [...new Set([...systemFolders, ...searchPath(env).split(':')])].join(':')
}

const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Where a program is found, in these folders or else on the search path; null where in none of them. */
export function findProgram(program: string, folders = searchPath(process.env).split(':')): string | null {
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
