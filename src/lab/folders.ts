import { join } from 'node:path'
import { projectRoot } from '../project-root.ts'

/** The folders of data that come with ztlab. */
export interface DataFolders {
  labs: string
  policies: string
  manifests: string
}

export function dataFolders(): DataFolders {
  const root = projectRoot()
  return { labs: join(root, 'labs'), policies: join(root, 'policies'), manifests: join(root, 'manifests') }
}
