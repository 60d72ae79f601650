/**
 * What a template's syntax tree is turned into before it is compiled: every value goes through one helper, and the
 * text carries marks of the lines it came from, so that an error in the output is found in the template.
 */

export interface InstrumentOptions {
  /** The helper that every value is handed to. */
  helper: string
  declared: Record<string, unknown>
  atLine: (line: number, problem: string) => Error
}

const blocks = ['if', 'unless', 'each']

/** Changes the tree in place. Throws for what a template may not do: raw output, partials, unknown names. */
export function instrument(program: hbs.AST.Program, options: InstrumentOptions): hbs.AST.Program {
  for (const statement of program.body) instrumentStatement(statement, options)
  return program
}

/** Takes the marks out again. */
export function readLines(output: string): { text: string; lineOf: (line: number) => number } {
  const numbers: number[] = []
  const text = output
    .split('\n')
    .map((line) => {
      // Of several marks before the line's first character, the last is that of its own text.
      const mark = /^(?:\s*\ue002(\d+)\ue003)+/.exec(line) ?? /\ue002(\d+)\ue003/.exec(line)
      numbers.push(mark ? Number(mark[1]) : (numbers.at(-1) ?? 1))
      return line.replaceAll(/\ue002\d+\ue003/g, '')
    })
    .join('\n')
  return { text, lineOf: (line) => numbers[line - 1] ?? 1 }
}

function instrumentStatement(statement: hbs.AST.Statement, options: InstrumentOptions): void {
  const line = statement.loc.start.line
  switch (statement.type) {
    case 'ContentStatement':
      markLines(statement as hbs.AST.ContentStatement)
      return
    case 'CommentStatement':
      return
    case 'MustacheStatement':
      throughHelper(statement as hbs.AST.MustacheStatement, options)
      return
    case 'BlockStatement':
      instrumentBlock(statement as hbs.AST.BlockStatement, options)
      return
    default:
      throw options.atLine(line, 'partials and decorators are not allowed (write the text itself)')
  }
}

function markLines(content: hbs.AST.ContentStatement): void {
  // Whitespace control has cut the value; the lines cut off at its beginning are still counted.
  const original = String(content.original)
  const cut = original.length - content.value.length
  const start = original.endsWith(content.value) ? cut : original.indexOf(content.value)
  const first = content.loc.start.line + original.slice(0, Math.max(0, start)).split('\n').length - 1
  content.value = content.value
    .split('\n')
    .map((text, index) => `\ue002${first + index}\ue003${text}`)
    .join('\n')
}

function throughHelper(mustache: hbs.AST.MustacheStatement, options: InstrumentOptions): void {
  const line = mustache.loc.start.line
  if (!mustache.escaped) throw options.atLine(line, '{{{raw}}} output is not allowed (use two braces)')
  if (mustache.params.length > 0 || mustache.hash) {
    throw options.atLine(line, 'helpers cannot make output (put {{value}} alone)')
  }
  checkName(mustache.path as hbs.AST.PathExpression, options)
  const path = {
    ...(mustache.path as hbs.AST.PathExpression),
    original: options.helper,
    parts: [options.helper],
    data: false,
    depth: 0,
  }
  mustache.params = [mustache.path as hbs.AST.Expression]
  mustache.path = path
  mustache.hash = {
    type: 'Hash',
    loc: mustache.loc,
    pairs: [{ type: 'HashPair', key: 'line', loc: mustache.loc, value: numberLiteral(line, mustache.loc) }],
  }
}

function instrumentBlock(block: hbs.AST.BlockStatement, options: InstrumentOptions): void {
  const name = (block.path as hbs.AST.PathExpression).original
  if (!blocks.includes(String(name))) {
    throw options.atLine(block.loc.start.line, `{{#${name}}} is not allowed (there are ${blocks.join(', ')})`)
  }
  for (const param of block.params)
    if (param.type === 'PathExpression') checkName(param as hbs.AST.PathExpression, options)
  instrument(block.program, withNames(options, block.program))
  if (block.inverse) instrument(block.inverse, options)
}

/** Names a parameter, a block parameter, `this` or data such as @key; anything else is a slip of the pen. */
function checkName(path: hbs.AST.PathExpression, options: InstrumentOptions): void {
  const first = path.parts[0]
  const known = path.data || first === undefined || path.depth > 0 || /^(this|\.)\b/.test(path.original)
  if (known || Object.hasOwn(options.declared, String(first))) return
  throw options.atLine(path.loc.start.line, `{{${path.original}}} is not declared (add it to parameters)`)
}

function withNames(options: InstrumentOptions, program: hbs.AST.Program): InstrumentOptions {
  const names = Object.fromEntries((program.blockParams ?? []).map((name) => [name, true]))
  return { ...options, declared: { ...options.declared, ...names } }
}

function numberLiteral(value: number, loc: hbs.AST.SourceLocation): hbs.AST.NumberLiteral {
  return { type: 'NumberLiteral', value, original: value, loc }
}
