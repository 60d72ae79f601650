import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folders of data that come with ztlab. */
export interface DataFolders {
  labs: string
  policies: string
  manifests: string
}

/** Beside the package's own package.json, wherever this code was bundled to. */
export function dataFolders(): DataFolders {
  let root = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(root, 'package.json')) && dirname(root) !== root) root = dirname(root)
  return { labs: join(root, 'labs'), policies: join(root, 'policies'), manifests: join(root, 'manifests') }
}
