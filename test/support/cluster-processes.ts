import { readFileSync } from 'node:fs'
import { processesOf } from './leftovers.ts'

/** The processes that an embedded cluster is made of, beside those of its pods. */
export const roles = ['control plane', 'unshare', 'init', 'node agent'] as const
export type Role = (typeof roles)[number]

const is: Record<Role, (argv: string[]) => boolean> = {
  'control plane': (argv) => argv.some((word) => word.endsWith('/control-plane.js')),
  unshare: ([program]) => program === 'unshare' || program === 'setpriv',
  init: ([program, script]) => program === 'perl' && !!script?.endsWith('/init.pl'),
  'node agent': ([program, ...rest]) =>
    !!program?.endsWith('node') && rest.some((word) => word.endsWith('/node-agent.js')),
}

/** The PID of that process, given the state directory of a cluster or of a home that has but one; undefined where there is none. */
export function pidOf(state: string, role: Role): number | undefined {
  return processesOf(state).find((pid) => is[role](commandLineOf(pid)))
}

/** A process and all that it has started, as far as that is still below it. */
export function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)]
}

/** It may have ended meanwhile. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function childrenOf(pid: number): number[] {
  return readOr(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
}

function commandLineOf(pid: number): string[] {
  return readOr(`/proc/${pid}/cmdline`).split('\0')
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
