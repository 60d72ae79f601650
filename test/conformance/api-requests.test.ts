import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../src/project-root.ts'
import { type Difference, differencesOf, reasonsFor } from './api-requests/compare.ts'
import { withEmbeddedApi } from './api-requests/embedded-api.ts'
import { exchangeAll } from './api-requests/exchange.ts'
import { knownDifferences } from './api-requests/known-differences.ts'

/** Recorded from a real API server by `npm run record:api`. */
function recorded(): Record<string, unknown> {
  const text = readFileSync(join(projectRoot(), 'test/fixtures/api-answers.jsonl'), 'utf8')
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  )
}

async function measured(): Promise<Difference[]> {
  const real = recorded()
  let found: Difference[] = []
  await withEmbeddedApi(async (api) => {
    const ours = JSON.parse(JSON.stringify(await exchangeAll(api, async () => undefined)))
    expect(Object.keys(ours)).toEqual(Object.keys(real))
    found = Object.entries(real).flatMap(([name, answer]) => differencesOf(name, answer, ours[name]))
  })
  return found
}

test('the list of requests is answered as a real API server answers it, but for the known differences', async () => {
  const found = await measured()
  const unknown = found.filter((each) => reasonsFor(each).length === 0)
  expect(unknown).toEqual([])
  const used = new Set(found.flatMap(reasonsFor))
  const stale = knownDifferences.filter(({ because }) => !used.has(because)).map(({ because }) => because)
  expect(stale).toEqual([])
}, 180_000)

test('every known difference stands in the page on the embedded cluster, with its reason', () => {
  const page = readFileSync(join(projectRoot(), 'docs/backends/embedded.md'), 'utf8')
  expect(knownDifferences.filter(({ because }) => !page.includes(because))).toEqual([])
})
