import { isLabError, LabError } from '../errors.ts'
import type { Answer } from './transport.ts'

/** The part of `meta/v1 Status` that says why the API refused something. */
export interface Status {
  status?: string
  message?: string
  reason?: string
  code?: number
  details?: { causes?: { reason?: string; message?: string; field?: string }[] }
}

export function parseStatus({ status, body }: Answer): Status {
  try {
    const parsed = JSON.parse(body) as Status
    if (typeof parsed === 'object' && parsed !== null) return { code: status, ...parsed }
  } catch {
    // A proxy's page or an empty body: the text is all there is to show.
  }
  return { code: status, message: body.trim().slice(0, 300) || `HTTP ${status}` }
}

/** One line per cause, each begun with the name of the object that was refused. */
export function problemsOf(status: Status, name: string): string[] {
  const causes = (status.details?.causes ?? []).filter((cause) => cause.message)
  if (causes.length === 0) return [`${name}: ${status.message ?? status.reason ?? `HTTP ${status.code}`}`]
  return causes.map((cause) => `${name}: ${cause.field ? `${cause.field}: ` : ''}${cause.message}`)
}

/** Whether an error says that nothing was written for want of a right; any other leaves that open. */
export function wasRefused(error: unknown): boolean {
  return isLabError(error) && error.code === 'missing-permission'
}

/** What to throw for an answer that is no success. */
export function refusal(answer: Answer, name: string): LabError {
  const status = parseStatus(answer)
  const problems = problemsOf(status, name)
  if (answer.status === 401) {
    return new LabError({
      code: 'missing-permission',
      message: `the API server does not accept these credentials: ${name}`,
      cause: 'a token or certificate that has expired, or one of another cluster',
      hint: 'kubectl auth whoami   # then renew the credentials of this context',
    })
  }
  if (answer.status === 403) {
    return new LabError({
      code: 'missing-permission',
      message: `the API server does not permit this: ${name}`,
      problems,
      hint: 'kubectl auth can-i --list',
    })
  }
  if (answer.status >= 500) {
    return new LabError({
      code: 'cluster-failed',
      message: `the API server failed on ${name}`,
      problems,
      hint: 'ztlab cluster list',
    })
  }
  return new LabError({
    code: answer.status === 404 ? 'not-found' : 'bad-input',
    message: `the API server refused ${name}`,
    problems,
    hint: 'change what the problem names, then run again',
  })
}
