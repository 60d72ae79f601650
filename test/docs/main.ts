import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../src/project-root.ts'
import { lintPages } from './lint-pages.ts'

/** Writes docs/lint anew, and removes pages of rules that are gone. */
const folder = join(projectRoot(), 'docs/lint')
const pages = lintPages()

mkdirSync(folder, { recursive: true })
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name))
for (const [name, text] of pages) writeFileSync(join(folder, name), text)
