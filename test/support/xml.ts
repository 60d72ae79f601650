/** An element of an XML document; text that is only space between elements is left out. */
export interface XmlElement {
  name: string
  attributes: Record<string, string>
  children: XmlElement[]
  text: string
}

/** Reads a document as strictly as a CI server does: every tag closed, every attribute quoted, every entity known. */
export function parseXml(document: string): XmlElement {
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, '')
  const top: XmlElement = { name: '', attributes: {}, children: [], text: '' }
  const open = [top]
  let end = 0
  for (const match of body.matchAll(/<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>/g)) {
    const within = open.at(-1)!
    within.text += unescapeXml(body.slice(end, match.index))
    end = match.index + match[0].length
    const [, closes, name, attributes, isEmpty] = match
    if (closes) {
      if (within.name !== name) throw new Error(`</${name}> closes <${within.name}>`)
      open.pop()
      continue
    }
    const element = { name: name!, attributes: readAttributes(attributes!), children: [], text: '' }
    within.children.push(element)
    if (!isEmpty) open.push(element)
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is never closed`)
  if (top.children.length !== 1) throw new Error(`${top.children.length} documents in one`)
  if (`${top.text}${body.slice(end)}`.trim() !== '') throw new Error('text outside the document')
  return top.children[0]!
}

/** Elements of this name at any depth. */
export function elements(of: XmlElement, name: string): XmlElement[] {
  const below = of.children.flatMap((child) => elements(child, name))
  return of.name === name ? [of, ...below] : below
}

function readAttributes(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w-]+)="([^"]*)"/g)]
  return Object.fromEntries(pairs.map(([, name, value]) => [name, unescapeXml(value!)]))
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#10': '\n' }

function unescapeXml(text: string): string {
  if (text.includes('<')) throw new Error(`a < that begins no tag: ${text.slice(0, 80)}`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  if (/[\0-\x08\x0b\x0c\x0e-\x1f]/.test(text)) throw new Error('a control character')
  return text.replace(/&([^;\s]*);?/g, (all, name: string) => {
    const meant = entities[name]
    if (meant === undefined || !all.endsWith(';')) throw new Error(`${all} is no entity`)
    return meant
  })
}
