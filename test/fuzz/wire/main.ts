/**
 * `make fuzz-wire`: requests that are wrong in every way, to an API server in a process of its own. `REQUESTS`
 * (100000), `SEED` (a fresh one, printed). Exit code 1 where an answer is not right, the server ends, it keeps ever more
 * memory, or a command lives on without its client.
 */
import assert from 'node:assert'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { eventually } from '../../support/eventually.ts'
import { fuzzWire } from './fuzz-wire.ts'
import { openSlowly } from './slow.ts'
import { startTarget } from './target.ts'

/** Caches of schemas and code that is compiled late. */
const allowedGrowthMiB = 32

/** What a client that has gone may take to be missed. */
const leavingMs = 20_000

const slowConnections = 50
/** After this time a request that has not come to its end is cut off: the server's limit, and how often it looks. */
const slowSeconds = 100

if (process.argv[2] === 'serve') await serve()
else await shoot()

/** The process under test: says where it is, and its memory when asked. */
async function serve(): Promise<void> {
  const { close: _close, empty, faults, commands, ...target } = await startTarget()
  process.on('message', async () => {
    await empty()
    globalThis.gc?.()
    const { heapUsed, rss, external } = process.memoryUsage()
    const [heapMiB, rssMiB] = [(heapUsed + external) / 2 ** 20, rss / 2 ** 20]
    const { begun, running } = commands
    process.send?.({ heapMiB, rssMiB, faults: faults.splice(0), begun, running })
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.(target)
}

async function shoot(): Promise<void> {
  const requests = Number(process.env.REQUESTS ?? 100_000)
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  const server = fork(process.argv[1]!, ['serve'], { execArgv: ['--expose-gc', '--enable-source-maps'] })
  server.once('exit', (code, signal) => {
    say(`the server has ended: ${code ?? signal}`)
    process.exit(1)
  })
  const [target] = await once(server, 'message')
  say(`fuzzing the wire with ${requests} requests, SEED=${seed}`)
  const marks: Mark[] = []
  const faults: string[] = []
  const started = performance.now()
  const look = async (): Promise<Omit<Mark, 'done'> & { faults: string[] }> => {
    server.send('look')
    const [mark] = await once(server, 'message')
    return mark
  }
  const pause = async (done: number) => {
    // A client that has gone while nothing was read from it is noticed by a ping or two.
    await eventually(async () => assert((await look()).running === 0), leavingMs).catch(() => undefined)
    const mark = await look()
    marks.push({ ...mark, done })
    faults.push(...mark.faults)
    say(`${done} requests, heap ${mark.heapMiB.toFixed(1)} MiB, resident ${mark.rssMiB.toFixed(1)} MiB`)
  }
  const slow = openSlowly(slowConnections, target)
  const result = await fuzzWire({ seed, requests, target, pause })
  const seconds = Math.round((performance.now() - started) / 1000)
  const cutOff = slow.cutOff()
  slow.close()
  server.removeAllListeners('exit')
  server.disconnect()
  const growthMiB = growthOf(marks)
  for (const line of [...result.wrong, ...faults]) say(line)
  say(`answers: ${JSON.stringify(result.codes)}, ${seconds} s`)
  say(`${cutOff} of ${slowConnections} slow connections cut off`)
  const { begun, running } = marks.at(-1)!
  say(`${begun} commands begun, ${running} left behind`)
  say(
    `${result.wrong.length} wrong answers, ${faults.length} faults logged, heap grew by ${growthMiB.toFixed(1)} MiB`,
  )
  const isWaitedFor = seconds > slowSeconds && cutOff < slowConnections
  const isWrong = result.wrong.length > 0 || faults.length > 0 || isWaitedFor || running > 0
  process.exitCode = isWrong || growthMiB > allowedGrowthMiB ? 1 : 0
}

interface Mark {
  done: number
  heapMiB: number
  rssMiB: number
  /** Commands that clients have begun, and those that still run. */
  begun: number
  running: number
}

/** From the first third, when the log of changes is full, to the end. */
function growthOf(marks: Mark[]): number {
  const last = marks.at(-1)!
  const first = marks.find(({ done }) => done >= last.done / 3)!
  return last.heapMiB - first.heapMiB
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
