import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseYamlSource } from '../yaml-source.ts'
import { dataFolders } from './folders.ts'
import type { LabSummary } from './lab.ts'
import { checkLabFile } from './lab-file.ts'

/** The labs that come with ztlab, by id. A file that is not right is left to `loadLab`, which says why. */
export function listLabs(folder: string = dataFolders().labs): LabSummary[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((id) => join(folder, id))
    .filter((path) => existsSync(join(path, 'lab.yaml')))
    .flatMap((path) => {
      const { file } = checkLabFile(readLabFile(join(path, 'lab.yaml')))
      if (!file) return []
      const { name: id, title, level, minutes } = file.metadata
      return [{ id, title, level, minutes, steps: file.spec.steps.length, folder: path }]
    })
}

function readLabFile(file: string): unknown {
  return statSync(file).isFile() ? parseYamlSource(file, readFileSync(file, 'utf8')).data : undefined
}
