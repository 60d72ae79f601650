import { Random } from '../../support/random-policies/random.ts'
import { type Aimed, fire, type Hit } from './fire.ts'
import type { Shot } from './shot.ts'
import { randomShot } from './shots.ts'

export interface WireOptions {
  seed: number
  requests: number
  target: Aimed & { token: string }
  /** Called every few thousand requests, when nothing is under way. */
  pause?(done: number): Promise<void>
}

export interface WireResult {
  requests: number
  /** How many requests were answered with each code; `none` is a connection that ended without a word. */
  codes: Record<string, number>
  /** What was not right, the first hundred. */
  wrong: string[]
}

const parallel = 32
const pauseEvery = 5000
const shownWrongs = 100

/** Sends requests that are wrong in every way the wire allows, and holds each answer to what is right for it. */
export async function fuzzWire(options: WireOptions): Promise<WireResult> {
  const result: WireResult = { requests: 0, codes: {}, wrong: [] }
  while (result.requests < options.requests) {
    const until = Math.min(options.requests, result.requests + pauseEvery)
    const lane = async () => {
      while (result.requests < until) await shoot(options, result)
    }
    await Promise.all(Array.from({ length: parallel }, lane))
    await options.pause?.(result.requests)
  }
  return result
}

async function shoot({ target, seed }: WireOptions, result: WireResult): Promise<void> {
  result.requests += 1
  const number = result.requests
  // A request is its number's alone, so that one can be sent again without those before it.
  const own = new Random(seed + number * 7919)
  const token = own.chance(0.15) ? null : target.token
  const shot = randomShot({ random: own, token })
  const hit = await fire(shot, target, token !== null && own.chance(0.5))
  const key = String(hit.code ?? 'none')
  result.codes[key] = (result.codes[key] ?? 0) + 1
  const problem = problemOf(shot, hit)
  if (problem && result.wrong.length < shownWrongs) {
    result.wrong.push(`request ${number} of seed ${seed}: ${shot.what}: ${problem}`)
  }
}

/** What is wrong with an answer; null for what is right. */
function problemOf(shot: Shot, { code, head, body }: Hit): string | null {
  if (/^x-injected/im.test(head)) return 'a header of the request became one of the answer'
  if (!shot.right(code)) return `answered with ${code ?? 'nothing'} ${body.slice(0, 300)}`
  if (!shot.saysStatus || code === null || code < 400 || code === 401) return null
  try {
    const status = JSON.parse(Buffer.from(body, 'latin1').toString())
    if (status.kind === 'Status' && status.code === code && status.message) return null
  } catch {
    // Said below.
  }
  return `${code} without a Status: ${body.slice(0, 300)}`
}
