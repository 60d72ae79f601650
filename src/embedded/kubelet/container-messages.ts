import { messageOf } from '../../errors.ts'

/** What runc says, without the frame that it puts around it. */
export function runtimeMessage(error: unknown): string {
  const cause = typeof error === 'object' && error !== null && 'cause' in error ? messageOf(error.cause) : ''
  const [, said] = /level=error msg="((?:[^"\\]|\\.)*)"/.exec(cause) ?? []
  if (said === undefined) return `${messageOf(error)}${cause && `: ${cause}`}`
  return `OCI runtime create failed: ${said.replace(/\\(.)/g, '$1')}`
}

/** As Go writes a duration: 10s, 1m20s, 5m0s. */
export function durationText(ms: number): string {
  const seconds = ms / 1000
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
