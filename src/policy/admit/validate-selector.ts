import { someNode } from '../selector.ts'
import { parseSelector } from '../selector-parser.ts'
import type { Path, Problems } from './problem.ts'

/** Tells where a selector cannot be read, and where `global()` may not stand. */
export function validateSelector(
  text: string,
  path: Path,
  { problems, global }: { problems: Problems; global: boolean },
): void {
  const parsed = parseSelector(text)
  if (!parsed.ok)
    problems.add(path, `selector ${JSON.stringify(text)}, column ${parsed.column}: ${parsed.message}`)
  else if (!global && someNode(parsed.selector, ({ op }) => op === 'global'))
    problems.add(path, "global() may stand in a rule's namespaceSelector only")
}
