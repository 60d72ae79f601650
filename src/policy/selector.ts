/** Calico selectors: the tree, its meaning over labels, and its canonical text. */

export type Labels = ReadonlyMap<string, string>

export type Comparison = '==' | '!=' | 'contains' | 'starts with' | 'ends with'

export type Selector =
  | { op: 'all' | 'global' }
  | { op: 'has'; label: string }
  | { op: 'not'; operand: Selector }
  | { op: 'and' | 'or'; operands: Selector[] }
  | { op: Comparison; label: string; value: string }
  | { op: 'in' | 'not in'; label: string; values: string[] }

export type Predicate = (labels: Labels) => boolean

export const everything: Selector = { op: 'all' }

/** Both must hold; `all()` adds nothing. */
export function and(...operands: Selector[]): Selector {
  const terms = operands.filter(({ op }) => op !== 'all')
  if (terms.length === 0) return everything
  return terms.length === 1 ? terms[0]! : { op: 'and', operands: terms }
}

export function not(operand: Selector): Selector {
  return operand.op === 'not' ? operand.operand : { op: 'not', operand }
}

export function equals(label: string, value: string): Selector {
  return { op: '==', label, value }
}

/**
 * The selector as a function of labels. A label that is missing fails every comparison but `!=` and `not in`.
 * `global()` is true here: only a rule's namespaceSelector gives it a meaning, by rewriting.
 */
export function compileSelector(selector: Selector): Predicate {
  switch (selector.op) {
    case 'all':
    case 'global':
      return () => true
    case 'has':
      return (labels) => labels.has(selector.label)
    case 'not': {
      const operand = compileSelector(selector.operand)
      return (labels) => !operand(labels)
    }
    case 'and': {
      const operands = selector.operands.map(compileSelector)
      return (labels) => operands.every((operand) => operand(labels))
    }
    case 'or': {
      const operands = selector.operands.map(compileSelector)
      return (labels) => operands.some((operand) => operand(labels))
    }
    case 'in':
    case 'not in':
      return compileMembership(selector.op, selector.label, new Set(selector.values))
    default:
      return compileComparison(selector)
  }
}

/** Calico's canonical text: double quotes, sorted sets, parentheses around every and/or group. */
export function selectorText(selector: Selector): string {
  switch (selector.op) {
    case 'all':
    case 'global':
      return `${selector.op}()`
    case 'has':
      return `has(${selector.label})`
    case 'not':
      return `!${selectorText(selector.operand)}`
    case 'and':
      return `(${selector.operands.map(selectorText).join(' && ')})`
    case 'or':
      return `(${selector.operands.map(selectorText).join(' || ')})`
    case 'in':
    case 'not in':
      return `${selector.label} ${selector.op} {${[...selector.values].sort().map(quote).join(', ')}}`
    default:
      return `${selector.label} ${selector.op} ${quote(selector.value)}`
  }
}

/** The same tree with every node replaced that `replace` has an answer for. */
export function rewriteSelector(
  selector: Selector,
  replace: (node: Selector) => Selector | undefined,
): Selector {
  const replaced = replace(selector)
  if (replaced) return replaced
  if (selector.op === 'not') return { op: 'not', operand: rewriteSelector(selector.operand, replace) }
  if (selector.op === 'and' || selector.op === 'or')
    return {
      op: selector.op,
      operands: selector.operands.map((operand) => rewriteSelector(operand, replace)),
    }
  return selector
}

/** The same selector over labels that carry a prefix (`pcns.` of namespaces, `pcsa.` of service accounts). */
export function prefixLabels(selector: Selector, prefix: string): Selector {
  return rewriteSelector(selector, (node) =>
    'label' in node ? ({ ...node, label: prefix + node.label } as Selector) : undefined,
  )
}

/** Whether the predicate `test` holds for some node of the tree. */
export function someNode(selector: Selector, test: (node: Selector) => boolean): boolean {
  if (test(selector)) return true
  if (selector.op === 'not') return someNode(selector.operand, test)
  if (selector.op === 'and' || selector.op === 'or')
    return selector.operands.some((operand) => someNode(operand, test))
  return false
}

function compileMembership(op: 'in' | 'not in', label: string, values: Set<string>): Predicate {
  const wanted = op === 'in'
  return (labels) => {
    const value = labels.get(label)
    return (value !== undefined && values.has(value)) === wanted
  }
}

function compileComparison({
  op,
  label,
  value,
}: {
  op: Comparison
  label: string
  value: string
}): Predicate {
  switch (op) {
    case '==':
      return (labels) => labels.get(label) === value
    case '!=':
      return (labels) => labels.get(label) !== value
    case 'contains':
      return (labels) => labels.get(label)?.includes(value) ?? false
    case 'starts with':
      return (labels) => labels.get(label)?.startsWith(value) ?? false
    case 'ends with':
      return (labels) => labels.get(label)?.endsWith(value) ?? false
  }
}

function quote(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`
}
