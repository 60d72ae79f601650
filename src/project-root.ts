import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of ztlab's own `package.json`: labs, manifests and `dist` are beside it, from source or bundled. */
export function projectRoot(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'package.json'))) return from
  const parent = dirname(from)
  if (parent === from) throw new Error('no package.json above this program')
  return projectRoot(parent)
}
