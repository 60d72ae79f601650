import type { Selector } from './selector.ts'

/** A selector that was understood, or what is wrong with it and where (column counted from 1). */
export type ParsedSelector = { ok: true; selector: Selector } | { ok: false; message: string; column: number }

/**
 * Parses the whole language of Calico v3.32:
 * `expr = and {"||" and}`, `and = unary {"&&" unary}`, `unary = {"!"} prim`, `prim = "(" expr ")" | has(label) |
 * all() | global() | label op`. Blank text is `all()`; white space is space and tab only.
 */
export function parseSelector(text: string): ParsedSelector {
  try {
    const parser = new Parser(text)
    return { ok: true, selector: parser.atEnd() ? { op: 'all' } : parser.whole() }
  } catch (error) {
    if (error instanceof SyntaxProblem) return { ok: false, message: error.message, column: error.column }
    throw error
  }
}

class SyntaxProblem extends Error {
  readonly column: number

  constructor(message: string, column: number) {
    super(message)
    this.column = column
  }
}

const label = /[A-Za-z0-9_./-]{1,512}/y
const blank = /[ \t]*/y
const calls = /(has|all|global)\(/y
const symbols = /==|!=/y
const words = /(contains|starts[ \t]*with|ends[ \t]*with|not[ \t]*in|in)(?![A-Za-z0-9_./-])/y
const string = /"([^"]*)"|'([^']*)'/y

class Parser {
  private position = 0
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  atEnd(): boolean {
    this.take(blank)
    return this.position === this.text.length
  }

  whole(): Selector {
    const selector = this.either()
    if (!this.atEnd()) this.fail('expected "&&", "||" or the end')
    return selector
  }

  private either(): Selector {
    const operands = [this.both()]
    while (this.literal('||')) operands.push(this.both())
    return operands.length === 1 ? operands[0]! : { op: 'or', operands }
  }

  private both(): Selector {
    const operands = [this.unary()]
    while (this.literal('&&')) operands.push(this.unary())
    return operands.length === 1 ? operands[0]! : { op: 'and', operands }
  }

  private unary(): Selector {
    let negated = false
    while (this.literal('!')) negated = !negated
    const operand = this.primary()
    return negated ? { op: 'not', operand } : operand
  }

  private primary(): Selector {
    if (this.literal('(')) {
      const selector = this.either()
      this.expect(')')
      return selector
    }
    const call = this.take(calls)?.[1] as 'has' | 'all' | 'global' | undefined
    if (call) return this.call(call)
    if (/["']/.test(this.text[this.position] ?? ''))
      this.fail('a label must stand on the left, without quotes')
    return this.comparison(this.label())
  }

  private call(name: 'has' | 'all' | 'global'): Selector {
    const selector: Selector = name === 'has' ? { op: 'has', label: this.label() } : { op: name }
    this.expect(')')
    return selector
  }

  private comparison(name: string): Selector {
    const symbol = this.take(symbols)?.[0]
    if (symbol === '==' || symbol === '!=') return { op: symbol, label: name, value: this.string() }
    const word = this.take(words)?.[1]?.replaceAll(/[ \t]/g, '')
    switch (word) {
      case 'contains':
        return { op: 'contains', label: name, value: this.string() }
      case 'startswith':
        return { op: 'starts with', label: name, value: this.string() }
      case 'endswith':
        return { op: 'ends with', label: name, value: this.string() }
      case 'in':
        return { op: 'in', label: name, values: this.set() }
      case 'notin':
        return { op: 'not in', label: name, values: this.set() }
      default:
        return this.failAtOperator()
    }
  }

  private label(): string {
    return this.take(label)?.[0] ?? this.fail('expected a label, has(…), all(), global() or "("')
  }

  private string(): string {
    const match = this.take(string)
    return match ? (match[1] ?? match[2]!) : this.fail('expected a value in quotes')
  }

  private set(): string[] {
    this.expect('{')
    const values: string[] = []
    if (this.literal('}')) return values
    do {
      if (values.length > 0 && this.literal('}')) return values
      values.push(this.string())
    } while (this.literal(','))
    this.expect('}')
    return values
  }

  private expect(text: string): void {
    if (!this.literal(text)) this.fail(`expected "${text}"`)
  }

  private literal(text: string): boolean {
    this.take(blank)
    if (!this.text.startsWith(text, this.position)) return false
    this.position += text.length
    return true
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    if (pattern !== blank) this.take(blank)
    pattern.lastIndex = this.position
    const match = pattern.exec(this.text)
    if (match) this.position += match[0].length
    return match
  }

  private failAtOperator(): never {
    const single = this.text[this.position] === '='
    return this.fail(
      single
        ? 'a single "=" is no operator (write "==")'
        : 'expected an operator (==, !=, in, not in, contains …)',
    )
  }

  private fail(message: string): never {
    throw new SyntaxProblem(message, this.position + 1)
  }
}
