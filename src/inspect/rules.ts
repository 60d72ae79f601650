import type { RuleLine } from './inspection.ts'

/**
 * The chains of a pod's interface in the output of `nft list table inet calico`, then those they jump to, with the
 * packets of named and of inline counters. Pure.
 */
export function nftRules(text: string, nodeInterface: string): RuleLine[] {
  const counters = namedCounters(text)
  const chains = new Map<string, string[]>()
  for (const [, name, body] of text.matchAll(/^\tchain (\S+) \{\n([\s\S]*?)^\t\}/gm)) {
    chains.set(
      name!,
      body!
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    )
  }
  return reachable(chains, nodeInterface, nftTargets).flatMap((chain) =>
    chains.get(chain)!.map((rule) => ({ chain, rule, packets: nftPackets(rule, counters) })),
  )
}

/** The same for the output of `iptables-save -c -t filter`. Pure. */
export function iptablesRules(text: string, nodeInterface: string): RuleLine[] {
  const chains = new Map<string, string[]>()
  for (const [, chain] of text.matchAll(/^:(cali\S+) /gm)) chains.set(chain!, [])
  for (const [line, chain] of text.matchAll(/^\[\d+:\d+\] -A (cali\S+) .*$/gm))
    chains.get(chain!)?.push(line!)
  return reachable(chains, nodeInterface, iptablesTargets).flatMap((chain) =>
    chains.get(chain)!.map((line) => ({
      chain,
      rule: line.replace(/^\[\d+:\d+\] -A \S+ /, '').replace(/-m comment --comment "cali:[^"]*" /, ''),
      packets: Number(line.match(/^\[(\d+):/)![1]),
    })),
  )
}

/** Chains named after the interface, and those they lead to. */
function reachable(
  chains: Map<string, string[]>,
  nodeInterface: string,
  targetsOf: (rule: string) => string[],
): string[] {
  const found = new Set([...chains.keys()].filter((chain) => chain.endsWith(nodeInterface)))
  // A Set hands out what is added while it is walked.
  for (const chain of found) {
    for (const rule of chains.get(chain)!) {
      for (const target of targetsOf(rule)) if (chains.has(target)) found.add(target)
    }
  }
  return [...found]
}

function nftTargets(rule: string): string[] {
  return [...rule.matchAll(/\b(?:jump|goto) ([^\s,}]+)/g)].map((match) => match[1]!)
}

function iptablesTargets(rule: string): string[] {
  return [...rule.matchAll(/ -[jg] (cali\S+)/g)].map((match) => match[1]!)
}

function namedCounters(text: string): Map<string, number> {
  const blocks = text.matchAll(/^\tcounter (\S+) \{[^}]*?packets (\d+) bytes \d+/gm)
  return new Map([...blocks].map(([, name, packets]) => [name!, Number(packets)]))
}

function nftPackets(rule: string, counters: Map<string, number>): number | null {
  const named = rule.match(/counter name "?([^"\s]+)"?/)
  if (named) return counters.get(named[1]!) ?? null
  const inline = rule.match(/counter packets (\d+)/)
  return inline ? Number(inline[1]) : null
}
