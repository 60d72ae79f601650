import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { preparation, type Request, requests } from '../../../conformance/api-requests/requests/index.ts'
import { withApi } from './harness.ts'

/** What may come in the place of anything. */
const others = [null, {}, [null], 'x'.repeat(70)]

/** A real API server says it with 500, too. */
const known = 'This pod has more than one PodDisruptionBudget'

/** In their order each makes what the next ones need; watches would stay. */
const all = [...preparation, ...requests].filter(({ path }) => !path.includes('watch=1'))

test(
  'whatever is left out of a body, or comes in the place of a part of it, is no fault of the server',
  () =>
    withApi(async ({ directory }) => {
      const agent = new Agent({ keepAlive: true })
      const socketPath = `${directory}/api.sock`
      const faults: unknown[] = []
      const send = async (sent: Request, body: unknown) => {
        const { code, said } = await answerTo({ ...sent, body }, { socketPath, agent })
        if (code >= 500 && !said.includes(known)) faults.push({ name: sent.name, body, said })
      }
      for (const each of all) {
        await send(each, each.body)
        const path = `${each.path}${each.path.includes('?') ? '&' : '?'}dryRun=All`
        if (typeof each.body === 'object')
          for (const body of variantsOf(each.body)) await send({ ...each, path }, body)
      }
      agent.destroy()
      expect(faults).toEqual([])
    }),
  300_000,
)

/** A value in which one place, anywhere in it, is left out or something else. */
function* variantsOf(value: unknown): Generator<unknown> {
  yield* others
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    const rest = Object.entries(value).filter(([name]) => name !== key)
    yield Array.isArray(value) ? rest.map(([, each]) => each) : Object.fromEntries(rest)
    for (const other of variantsOf(inner))
      yield Array.isArray(value)
        ? value.map((each, index) => (String(index) === key ? other : each))
        : { ...value, [key]: other }
  }
}

async function answerTo(
  { method, path, headers, body }: Request,
  over: { socketPath: string; agent: Agent },
): Promise<{ code: number; said: string }> {
  const bytes = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  const sendable = path.replace(/[\s$]/g, (character) => encodeURIComponent(character))
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...over, method, path: sendable, headers }, (answer) => {
      text(answer).then((said) => resolve({ code: answer.statusCode ?? 0, said }), reject)
    })
    outgoing.on('error', reject)
    outgoing.end(bytes)
  })
}
