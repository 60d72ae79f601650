import type { TextStyle } from './text-style.ts'

/** Markdown prose for a terminal: paragraphs and lists wrapped, code blocks as they are. */
export function terminalMarkdown(markdown: string, style: TextStyle, indent = '  '): string {
  const width = Math.min(style.width, 100) - indent.length
  return blocksOf(markdown)
    .map((block) => renderBlock(block, width, style))
    .join('\n\n')
    .split('\n')
    .map((line) => (line === '' ? '' : `${indent}${line}`))
    .join('\n')
}

type Block = { kind: 'code'; lines: string[] } | { kind: 'items' | 'text' | 'heading'; items: string[] }

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  let fence: string[] | null = null
  let open = false
  for (const line of markdown.trimEnd().split('\n')) {
    if (/^\s*```/.test(line)) {
      fence = fence ? null : []
      if (fence) blocks.push({ kind: 'code', lines: fence })
      open = false
    } else if (fence) fence.push(line)
    else if (line.trim() === '') open = false
    else open = addLine(blocks, line.trim(), open)
  }
  return blocks
}

/** Adds a line to the block that it continues, or begins one; true while that block can go on. */
function addLine(blocks: Block[], line: string, open: boolean): boolean {
  const heading = /^#+ (.*)$/.exec(line)
  if (heading) {
    blocks.push({ kind: 'heading', items: [heading[1]!] })
    return false
  }
  const isItem = /^([-*]|\d+\.) /.test(line)
  const last = blocks.at(-1)
  if (isItem) {
    const list = last?.kind === 'items' ? last : { kind: 'items' as const, items: [] }
    if (list !== last) blocks.push(list)
    list.items.push(line.replace(/^[-*] /, '- '))
  } else if (open && last && last.kind !== 'code') last.items.push(`${last.items.pop()} ${line}`)
  else blocks.push({ kind: 'text', items: [line] })
  return true
}

function renderBlock(block: Block, width: number, style: TextStyle): string {
  if (block.kind === 'code') return block.lines.map((line) => style.dim(`    ${line}`)).join('\n')
  if (block.kind === 'heading') return style.title(block.items[0]!)
  return block.items
    .map((item) => {
      const hang = block.kind === 'items' ? ' '.repeat(item.indexOf(' ') + 1) : ''
      return styleInline(wrap(item, width, hang), style)
    })
    .join('\n')
}

/** Lines of at most `width` characters; markup does not count. Code spans are not broken. */
function wrap(text: string, width: number, hang: string): string {
  const words = text.match(/(?:`[^`]*`|\S)+/g) ?? []
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && visibleLength(longer) > width) {
      lines.push(line)
      line = `${hang}${word}`
    } else line = longer
  }
  return [...lines, line].join('\n')
}

function visibleLength(text: string): number {
  return text.replaceAll('**', '').length
}

/** Code first, so that asterisks inside it stay. */
function styleInline(text: string, style: TextStyle): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => {
      if (part.startsWith('`') && part.length > 2) return style.code(part.slice(1, -1))
      return part
        .replace(/\*\*([^*]+)\*\*/g, (_match, inner: string) => style.bold(inner))
        .replace(
          /(^|[\s(])\*([^*\s][^*]*)\*/g,
          (_match, before: string, inner: string) => `${before}${inner}`,
        )
    })
    .join('')
}
