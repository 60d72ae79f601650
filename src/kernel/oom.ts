import { readFileSync } from 'node:fs'

const capSysResource = 24n

/**
 * The lowest oom_score_adj that this process may give to others: -1000 with CAP_SYS_RESOURCE over the machine, else its
 * own (proc_pid_oom_score_adj(5)).
 */
export function lowestOomScoreAdj(): number {
  const capabilities = /^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  const isWholeMachine = /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))
  const hasCapability = ((BigInt(`0x${capabilities}`) >> capSysResource) & 1n) === 1n
  return hasCapability && isWholeMachine ? -1000 : Number(readFileSync('/proc/self/oom_score_adj', 'utf8'))
}
