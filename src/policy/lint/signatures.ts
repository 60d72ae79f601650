import type { LabelClass, Model } from '../model/index.ts'
import { type Selector, selectorText } from '../selector.ts'

/**
 * Which selectors of the whole set select each class, as a text; a class that none selects has no entry. Classes with
 * equal texts are the same to every policy.
 */
export function signaturesOf({ catalog, tiers }: Model): Map<LabelClass, string> {
  const selectors = new Map<string, Selector>()
  for (const { subject, rules } of tiers.flatMap(({ policies }) => policies)) {
    const drafts = [...(rules.ingress ?? []), ...(rules.egress ?? [])].map(({ draft }) => draft)
    const peers = drafts.flatMap(({ source, destination }) => [source, destination])
    for (const selector of [subject, ...peers.flatMap((peer) => [peer.selector, peer.notSelector])])
      if (selector) selectors.set(selectorText(selector), selector)
  }
  const signatures = new Map<LabelClass, string>()
  for (const [index, selector] of [...selectors.values()].entries())
    for (const labelClass of catalog.selected(selector))
      signatures.set(labelClass, `${signatures.get(labelClass) ?? ''} ${index}`)
  return signatures
}
