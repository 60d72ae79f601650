import { type Cidr, parseCidr } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Direction } from '../rules.ts'
import type { Path } from './finding.ts'
import type { LintContext } from './lint-context.ts'
import { directions } from './rule-site.ts'

/** A block of addresses that a rule names as its peer, where it is written. */
export interface NetSite {
  object: KubernetesObject
  direction: Direction
  action: string
  path: Path
  text: string
  cidr: Cidr
  /** What is taken out of it in the same place. */
  except: Cidr[]
}

/** The blocks of all kinds of policy, on either side of their rules. */
export function* netSites({ policies }: LintContext): Generator<NetSite> {
  for (const { object, admitted } of policies)
    for (const direction of directions)
      for (const [index, rule] of (admitted.spec[direction] ?? []).entries()) {
        const action = rule.action ?? 'Allow'
        for (const [path, texts, except] of blocksOf(rule, ['spec', direction, index]))
          for (const [at, text] of texts.entries()) {
            const cidr = parseCidr(text)
            const where = path.at(-1) === 'cidr' ? path : [...path, at]
            if (cidr) yield { object, direction, action, path: where, text, cidr, except: parsed(except) }
          }
      }
}

// biome-ignore lint/suspicious/noExplicitAny: a rule of any kind of policy
function* blocksOf(rule: any, path: Path): Generator<[Path, string[], string[]]> {
  for (const list of ['from', 'to'])
    for (const [at, peer] of (rule[list] ?? []).entries()) {
      if (peer.ipBlock?.cidr)
        yield [[...path, list, at, 'ipBlock', 'cidr'], [peer.ipBlock.cidr], peer.ipBlock.except ?? []]
      if (peer.networks) yield [[...path, list, at, 'networks'], peer.networks, []]
    }
  for (const side of ['source', 'destination'])
    if (rule[side]?.nets) yield [[...path, side, 'nets'], rule[side].nets, rule[side].notNets ?? []]
}

/** What of a block is left when others are taken out is nothing of the inner one. */
export function isTakenOut(inner: Cidr, except: Cidr[]): boolean {
  return except.some(
    (one) => one.version === inner.version && one.first <= inner.first && inner.last <= one.last,
  )
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.version === b.version && a.first <= b.last && b.first <= a.last
}

function parsed(texts: string[]): Cidr[] {
  return texts.map((text) => parseCidr(text)).filter((cidr) => cidr !== null)
}
