import { bodyShot } from './bodies.ts'
import { frameShot } from './frames.ts'
import { rawShot } from './raw-http.ts'
import { requestShot } from './requests.ts'
import type { Aim, Shot } from './shot.ts'
import { spdyShot } from './spdy.ts'

const kinds = [requestShot, requestShot, requestShot, bodyShot, bodyShot, rawShot, frameShot, spdyShot]

export function randomShot(aim: Aim): Shot {
  const shot = aim.random.pick(kinds)(aim)
  if (aim.token !== null) return shot
  const { right, bytes } = shot
  // Nobody reads a large body of a stranger to its end: the connection may be gone before the answer is read.
  const isLarge = bytes.length > 100_000
  return {
    ...shot,
    what: `without a token: ${shot.what}`,
    right: (code) => code === 401 || (code === null && isLarge) || (isRefusal(code) && right(code)),
  }
}

/** What a parser of HTTP says before anybody asks who it is. */
function isRefusal(code: number | null): boolean {
  return code === null || code === 400 || code === 408 || code === 413 || code === 417 || code === 431
}
