import { LabError, messageOf } from '../../errors.ts'

/** What felix's rules need of the kernel beyond nftables itself, by how it reads in a rule. */
const abilities: { pattern: RegExp; need: string; module: string }[] = [
  { pattern: /\bfib\b/, need: 'route look-ups in rules', module: 'nft_fib_inet' },
  { pattern: /\bct state\b/, need: 'connection tracking', module: 'nft_ct' },
  { pattern: /\blog prefix\b/, need: 'logging from rules', module: 'nft_log' },
  { pattern: /\bcounter\b/, need: 'named counters', module: 'nft_objref' },
  { pattern: /type filter hook|\btable inet\b/, need: 'tables of family inet', module: 'nf_tables' },
]

/** Why nft refused a whole rendering: which object of which node, nft's own words, and what to do about it. */
export function nftRefusal(node: string, script: string, error: unknown): LabError {
  const said = nftWords(error)
  const line = /^(?:\/dev\/stdin|-):(\d+):/m.exec(said)?.[1]
  const at = line === undefined ? null : offendingObject(script.split('\n'), Number(line) - 1)
  const message = `node ${node}: nft refused ${at ? `${at.object} (${at.text})` : 'the rules'}: ${firstLine(said)}`
  if (/not permitted|Permission denied/.test(said)) {
    const hint = 'ztlab doctor'
    return new LabError({ code: 'missing-permission', message, cause: said, hint })
  }
  const lacking =
    /not supported|No such file/.test(said) && abilities.find(({ pattern }) => pattern.test(at?.text ?? ''))
  if (!lacking) return new LabError({ code: 'cluster-failed', message, cause: said })
  return new LabError({
    code: 'unsupported',
    message: `this kernel lacks ${lacking.need}; ${message}`,
    cause: said,
    hint: `sudo modprobe ${lacking.module}`,
  })
}

/** What nft wrote; a failed command carries it as its cause. */
function nftWords(error: unknown): string {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined
  return typeof cause === 'string' && cause !== '' ? cause : messageOf(error)
}

function firstLine(said: string): string {
  const line = said.split('\n').find((text) => text.includes('Error:')) ?? said.split('\n')[0]!
  return line.replace(/^.*?Error: /, '')
}

/** The declaration or command that a line of a script belongs to. */
function offendingObject(lines: string[], index: number): { object: string; text: string } | null {
  const text = lines[index]?.trim()
  if (!text) return null
  for (let at = index; at >= 0; at--) {
    const command = /^(?:add|delete|flush) (\w+) inet calico ?([^ ]*)/.exec(lines[at]!)
    const declaration = /^\s*(counter|set|map|chain) ([^ "]+) \{/.exec(lines[at]!)
    const found = declaration ?? command
    if (found) return { object: `${found[1]} ${found[2]}`.trim(), text }
  }
  return { object: 'the table', text }
}
