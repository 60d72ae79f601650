import { unmetCriteria, type Walk } from '../evaluate/index.ts'
import { addressText, type Endpoint, type Policy, type Rule } from '../model/index.ts'
import { protocolNumbers, protocolText } from '../protocol.ts'
import { podQuestion } from './ask.ts'
import type { LintContext } from './lint-context.ts'
import { representatives } from './representatives.ts'
import { directions } from './rule-site.ts'

/** A flow on which two policies decide differently, in words; null where they never do. */
export function contradiction(context: LintContext, a: Policy, b: Policy): string | null {
  for (const direction of directions) {
    const [mine, theirs] = [a.rules[direction], b.rules[direction]]
    if (!mine || !theirs || !mayContradict(mine, theirs)) continue
    const pods = representatives(context)
    const subjects = pods.filter(({ labelClass: { labels } }) => a.selects(labels) && b.selects(labels))
    for (const subject of subjects)
      for (const peer of peersOf(pods, [...mine, ...theirs])) {
        const ends =
          direction === 'ingress'
            ? { source: peer, destination: subject.id }
            : { source: subject.id, destination: peer }
        for (const { protocol, port } of portsOf([...mine, ...theirs], subject)) {
          const question = podQuestion(context.model, { ...ends, protocol, port }, direction)
          if (!question) continue
          const [first, second] = [decide(mine, question), decide(theirs, question)]
          if (first && second && first !== second)
            return `${ends.source} -> ${ends.destination} ${protocolText(protocol)}/${port}`
        }
      }
  }
  return null
}

function mayContradict(a: Rule[], b: Rule[]): boolean {
  const actions = (rules: Rule[]) =>
    new Set(rules.map(({ action }) => action).filter((action) => action !== 'log'))
  return [...actions(a)].some((one) => [...actions(b)].some((other) => one !== other))
}

/** Pods, and one address of each block that a rule names. */
function peersOf(pods: Endpoint[], rules: Rule[]): string[] {
  const nets = rules.flatMap(({ source, destination }) => [...source.nets, ...destination.nets])
  const addresses = nets.map(({ version, first }) => addressText({ version, value: first + 1n }))
  return [...pods.map(({ id }) => id), ...new Set(addresses)]
}

function portsOf(rules: Rule[], { ports }: Endpoint): { protocol: number; port: number }[] {
  const written = rules.flatMap(({ protocol = protocolNumbers.TCP, destination }) =>
    destination.ports.map(({ first }) => ({ protocol, port: first })),
  )
  const named = ports.map(({ protocol, port }) => ({ protocol, port }))
  const all = [...written, ...named, { protocol: protocolNumbers.TCP, port: 80 }]
  return [...new Map(all.map((one) => [`${one.protocol} ${one.port}`, one])).values()]
}

function decide(rules: Rule[], { packet, ends }: Walk): Rule['action'] | undefined {
  return rules.find((rule) => rule.action !== 'log' && unmetCriteria(rule, packet, ends).length === 0)?.action
}
