import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lintPages } from '../../docs/lint-pages.ts'

const folder = join(import.meta.dirname, '../../../docs/lint')
const pages = lintPages()

test('docs/lint has a page for every rule and no other', () => {
  expect(readdirSync(folder).sort()).toEqual([...pages.keys()].sort())
})

test.each([...pages])('docs/lint/%s says what the rule says; `npm run docs` writes it', (name, text) => {
  expect(readFileSync(join(folder, name), 'utf8')).toBe(text)
})
