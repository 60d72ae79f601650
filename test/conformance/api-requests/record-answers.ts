import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { projectRoot } from '../../../src/project-root.ts'
import { exchangeAll } from './exchange.ts'
import type { Api } from './real-api-server.ts'

/** One answer per line, so that a change of one is a change of one line. */
export const answersFile = () => join(projectRoot(), 'test/fixtures/api-answers.jsonl')

/** Records the normalised answers of a real API server to the list of requests. */
export async function recordAnswers(api: Api): Promise<void> {
  const answers = await exchangeAll(api, () => untilServed(api))
  const lines = Object.entries(answers).map(([name, answer]) => JSON.stringify([name, answer]))
  writeFileSync(answersFile(), `${lines.join('\n')}\n`)
}

/** A real API server serves a new kind a moment after its definition. */
async function untilServed(api: Api): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { code } = await api.send({ method: 'GET', path: '/apis/example.com/v1/widgets' })
    if (code === 200) break
    await delay(100)
  }
  await delay(500)
}
