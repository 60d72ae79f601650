import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../src/exec.ts'

/** A TCP connection attempt as it passed an interface. */
export interface SeenSyn {
  source: string
  sourcePort: number
  destination: string
  destinationPort: number
}

export interface Capture {
  /** Ends the capture and returns what it has seen, what arrived last included. */
  stop(): Promise<SeenSyn[]>
}

/**
 * Captures on one interface; `enter` is what to put in front of a command to run it in the interface's network
 * namespace. Resolves once packets are seen.
 */
export async function startCapture(enter: string[], interfaceName: string): Promise<Capture> {
  const script = readFileSync(join(import.meta.dirname, 'capture.pl'), 'utf8')
  const argv = [...enter, 'perl', '-e', script, interfaceName]
  const child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const closed = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), closed])
  if (child.exitCode !== null) throw new Error(`no capture on ${interfaceName}: ${said.trim()}`)
  return {
    async stop() {
      child.stdin.end()
      await closed
      return [...output.matchAll(/^SYN (\S+) (\d+) (\S+) (\d+)$/gm)].map(
        ([, source, from, destination, to]) => ({
          source: source!,
          sourcePort: Number(from),
          destination: destination!,
          destinationPort: Number(to),
        }),
      )
    },
  }
}

/** Packets per named counter of `inet calico` in a node's network namespace. */
export async function readCounters(enter: string[]): Promise<Map<string, number>> {
  const { stdout } = await run([...enter, 'nft', '--json', 'list', 'counters', 'table', 'inet', 'calico'])
  const { nftables } = JSON.parse(stdout) as { nftables: { counter?: { name: string; packets: number } }[] }
  return new Map(nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])))
}

/** Names of the counters that grew, sorted. */
export function movedCounters(before: Map<string, number>, after: Map<string, number>): string[] {
  return [...after]
    .filter(([name, packets]) => packets > (before.get(name) ?? 0))
    .map(([name]) => name)
    .sort()
}
