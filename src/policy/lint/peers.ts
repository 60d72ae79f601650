import { cidrContains } from '../../cidr.ts'
import type { Endpoint } from '../model/index.ts'
import { labelNames } from '../model/index.ts'
import { rewriteSelector, type Selector } from '../selector.ts'
import type { LintContext } from './lint-context.ts'

/** Endpoints that a selector chooses, the assumed ones too. */
export function endpointsOf({ model }: LintContext, selector: Selector): Endpoint[] {
  return model.catalog.selected(selector).flatMap(({ endpoints }) => endpoints)
}

/** Whether a selector chooses anything: an endpoint or a network set. */
export function selectsAnything({ model }: LintContext, selector: Selector): boolean {
  return model.catalog.selected(selector).length > 0
}

/** The namespace that a selector is confined to, because an `==` of it stands at the top. */
export function namespaceOf(selector: Selector): string | null {
  const term = conjuncts(selector).find((part) => part.op === '==' && part.label === labelNames.namespace)
  return term?.op === '==' ? term.value : null
}

/** The selector without the term that confines it to a namespace. */
export function withoutNamespace(selector: Selector): Selector {
  return rewriteSelector(selector, (node) =>
    node.op === '==' && node.label === labelNames.namespace ? { op: 'all' } : undefined,
  )
}

/** The terms that must all hold. */
export function conjuncts(selector: Selector): Selector[] {
  return selector.op === 'and' ? selector.operands.flatMap(conjuncts) : [selector]
}

/** What the author wrote of a selector: without the namespace and orchestrator that are added to every one. */
export function ownTerms(selector: Selector): Selector[] {
  return conjuncts(selector).filter(
    (part) =>
      part.op !== 'all' &&
      !('label' in part && (part.label === labelNames.namespace || part.label === labelNames.orchestrator)),
  )
}

/** Whether an endpoint has an address in one of the blocks. */
export function isInNets({ addresses }: Endpoint, nets: Parameters<typeof cidrContains>[0][]): boolean {
  return addresses.some((address) => nets.some((net) => cidrContains(net, address)))
}
