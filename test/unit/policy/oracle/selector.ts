/** Looks a label up; `all` and `global` say what these calls mean in the place where the selector stands. */
export interface SelectorScope {
  get(label: string): string | undefined
  all: boolean
  global: boolean
}

/**
 * Whether a selector holds, found while reading it: no tree is built. Expects text that is well formed.
 */
export function holds(text: string, scope: SelectorScope): boolean {
  const tokens = text.match(/"[^"]*"|'[^']*'|&&|\|\||==|!=|[!(){},]|[A-Za-z0-9_./-]+/g) ?? []
  let at = 0
  const next = () => tokens[at++]!
  const take = (token: string) => tokens[at] === token && Boolean(++at)
  const value = () => next().slice(1, -1)

  function either(): boolean {
    let result = both()
    while (take('||')) result = both() || result
    return result
  }
  function both(): boolean {
    let result = one()
    while (take('&&')) result = one() && result
    return result
  }
  function one(): boolean {
    if (take('!')) return !one()
    if (take('(')) {
      const inner = either()
      take(')')
      return inner
    }
    const word = next()
    if (tokens[at] === '(') return call(word)
    return compare(scope.get(word), operator())
  }
  function call(name: string): boolean {
    take('(')
    const result =
      name === 'has' ? scope.get(next()) !== undefined : name === 'all' ? scope.all : scope.global
    take(')')
    return result
  }
  function operator(): string {
    const first = next()
    return ['not', 'starts', 'ends'].includes(first) ? first + next() : first
  }
  function compare(actual: string | undefined, op: string): boolean {
    if (op === 'in' || op === 'notin') {
      take('{')
      const values: string[] = []
      while (!take('}')) if (!take(',')) values.push(value())
      return (actual !== undefined && values.includes(actual)) === (op === 'in')
    }
    const wanted = value()
    if (op === '!=') return actual !== wanted
    if (actual === undefined) return false
    if (op === '==') return actual === wanted
    if (op === 'contains') return actual.includes(wanted)
    return op === 'startswith' ? actual.startsWith(wanted) : actual.endsWith(wanted)
  }
  return tokens.length === 0 ? scope.all : either()
}
