import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const goldenRoot = join(import.meta.dirname, '../golden')
const actualRoot = join(import.meta.dirname, '../actual')

/**
 * Compares text with test/golden/NAME, byte for byte. A missing file is a failure; `npm run test:update` writes it.
 * What differs is left in test/actual/NAME.
 */
export function expectGolden(name: string, actual: string): void {
  const path = join(goldenRoot, name)
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, actual)
  }
  if (!existsSync(path) || readFileSync(path, 'utf8') !== actual) {
    const beside = join(actualRoot, name)
    mkdirSync(dirname(beside), { recursive: true })
    writeFileSync(beside, actual)
  }
  expect({ path, exists: existsSync(path) }).toEqual({ path, exists: true })
  expect(actual).toBe(readFileSync(path, 'utf8'))
}
