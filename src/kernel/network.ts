import { command } from './command.ts'

/** Where `ip netns` keeps the names of network namespaces. */
export const netnsDirectory = '/run/netns'

export function netnsPath(name: string): string {
  return `${netnsDirectory}/${name}`
}

export interface NetworkChange {
  /** Network namespace by path; the caller's own where left out. */
  netns?: string
  /** Lines as `ip -batch` takes them. */
  ip?: string[]
  /** Lines as `bridge -batch` takes them, after those of `ip`. */
  bridge?: string[]
  /** Keys below /proc/sys, written before (`first`) and after the links are made. */
  sysctlsFirst?: Record<string, string | number>
  sysctls?: Record<string, string | number>
}

/**
 * Changes one network namespace with as few programs as possible: one `nsenter`, one `ip`.
 * Throws `command-failed` naming the line that the kernel refused.
 */
export async function changeNetwork(change: NetworkChange): Promise<void> {
  const ip = change.ip ?? []
  if (!change.bridge && !change.sysctls && !change.sysctlsFirst) {
    await command(['ip', '-batch', '-'], { netns: change.netns, stdin: lines(ip) })
    return
  }
  const script = [
    'set -e',
    ...sysctlWrites(change.sysctlsFirst),
    ...heredoc('ip -batch -', ip),
    ...heredoc('bridge -batch -', change.bridge ?? []),
    ...sysctlWrites(change.sysctls),
  ]
  await command(['sh', '-s'], { netns: change.netns, stdin: lines(script) })
}

/** Replaces or adds nftables objects in one atomic transaction. */
export async function applyNft(ruleset: string, netns?: string): Promise<string> {
  return command(['nft', '--file', '-'], { netns, stdin: ruleset })
}

function sysctlWrites(sysctls: Record<string, string | number> = {}): string[] {
  return Object.entries(sysctls).map(([key, value]) => `echo ${value} > /proc/sys/${key}`)
}

function heredoc(program: string, input: string[]): string[] {
  return input.length === 0 ? [] : [`${program} <<'END-OF-BATCH'`, ...input, 'END-OF-BATCH']
}

function lines(list: string[]): string {
  return `${list.join('\n')}\n`
}
