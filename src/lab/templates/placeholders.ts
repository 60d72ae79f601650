import { type Document, isAlias, isNode, isPair, isScalar, type Scalar, visit, type YAMLMap } from 'yaml'
import type { ObjectProblem } from '../../documents/index.ts'

/**
 * Stand-ins for values in a template's output. A value enters the YAML tree after parsing, so that whatever it
 * holds, it cannot end the scalar it stands in. Private-use characters mark a stand-in; no value may hold them.
 */
export class Placeholders {
  private readonly values: unknown[] = []

  /** The text that stands for `value` in the output. */
  add(value: unknown): string {
    this.values.push(value)
    return `\ue000${this.values.length - 1}\ue001`
  }

  /** Puts the values into the document. Returns what cannot be done, with the offset of the node in question. */
  fill(document: Document.Parsed): ObjectProblem[] {
    const problems: ObjectProblem[] = []
    visit(document, {
      Scalar: (key, node) => {
        if (typeof node.value !== 'string' || !node.value.includes('\ue000')) return undefined
        const offset = node.range?.[0] ?? 0
        const filled = this.fillScalar(node, key === 'key')
        if (typeof filled === 'string') problems.push({ offset, problem: filled, fix: 'move it' })
        else return document.createNode(filled.value, { flow: Array.isArray(filled.value) }) as never
        return undefined
      },
    })
    // The parser has seen stand-ins, which all differ; two values may be the same key.
    visit(document, { Map: (_key, map) => void problems.push(...doubleKeys(map)) })
    visit(document, (_key, node) => {
      if (isNode(node)) this.fillComments(node)
      if (isPair(node) || !isNode(node)) return
      const names = [isAlias(node) ? node.source : node.anchor, node.tag]
      if (names.some((name) => name?.includes('\ue000'))) {
        problems.push({
          offset: node.range?.[0] ?? 0,
          problem: 'a value cannot stand in an anchor, alias or tag',
          fix: 'move it',
        })
      }
    })
    this.fillComments(document)
    return problems
  }

  private fillScalar(node: Scalar, isKey: boolean): { value: unknown } | string {
    const text = node.value as string
    const alone = /^\ue000(\d+)\ue001$/.exec(text)
    const plain = node.type === 'PLAIN'
    if (alone && plain && !isKey) return { value: this.values[Number(alone[1])] }
    let problem: string | undefined
    const filled = text.replace(/\ue000(\d+)\ue001/g, (_match, index: string, at: number) => {
      const value = this.values[Number(index)]
      problem ??= whyNotWithin(value, text.slice(0, at))
      return String(value)
    })
    return problem ?? { value: filled }
  }

  private fillComments(node: { comment?: string | null; commentBefore?: string | null }): void {
    for (const part of ['comment', 'commentBefore'] as const) {
      const text = node[part]
      if (!text?.includes('\ue000')) continue
      node[part] = text.replace(/\ue000(\d+)\ue001/g, (_match, index: string) =>
        JSON.stringify(this.values[Number(index)]).replace(/^"(.*)"$/, '$1'),
      )
    }
  }
}

function doubleKeys(map: YAMLMap): ObjectProblem[] {
  const seen = new Set<string>()
  return map.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : String(key)
    const place = isNode(key) && key.range ? key : isNode(value) ? value : map
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    return [
      {
        offset: place.range?.[0] ?? map.range?.[0] ?? 0,
        problem: `the key ${name} is there twice`,
        fix: 'leave one of them',
      },
    ]
  })
}

/** Inside a text, a value must be one word of it; inside quotes of the text (a selector's), it may not end them. */
function whyNotWithin(value: unknown, before: string): string | undefined {
  if (typeof value === 'object') return 'a list or map cannot stand inside a text: let it stand alone'
  const text = String(value)
  if (/[\r\n]/.test(text)) return 'a value of several lines cannot stand inside a text'
  for (const quote of [`'`, '"']) {
    const open = before.split(quote).length % 2 === 0
    if (open && text.includes(quote)) return `the value ${text} would end the ${quote} it stands in`
  }
  return undefined
}
