import { ApiError } from '../api-client/index.ts'

/** Which field is wrong, as in `Status.details.causes`. */
export interface Cause {
  reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | string
  message: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  causes?: Cause[]
  retryAfterSeconds?: number
}

/** A failure as the API answers it: the body is a `Status` object. */
export class StatusError extends ApiError {
  constructor(
    code: number,
    reason: string,
    message: string,
    readonly details: StatusDetails = {},
    /** Metadata of the Status: a token to go on with. */
    readonly metadata: { continue?: string } = {},
  ) {
    super(code, reason, message)
    this.name = 'StatusError'
  }
}

export interface Resource {
  group: string
  plural: string
  kind: string
}

export function notFound(resource: Resource, name: string): StatusError {
  const message = `${qualified(resource)} "${name}" not found`
  return new StatusError(404, 'NotFound', message, details(resource, name))
}

export function alreadyExists(resource: Resource, name: string): StatusError {
  const message = `${qualified(resource)} "${name}" already exists`
  return new StatusError(409, 'AlreadyExists', message, details(resource, name))
}

export function conflict(resource: Resource, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`
  return new StatusError(409, 'Conflict', message, details(resource, name))
}

/** 409 of a deletion whose precondition does not hold; it names the kind, where others name the resource. */
export function preconditionFailed(resource: Resource, name: string, why: string): StatusError {
  const { group, kind } = resource
  const message = `Operation cannot be fulfilled on ${group ? `${kind}.${group}` : kind} "${name}": ${why}`
  return new StatusError(409, 'Conflict', message, { name, group: group || undefined, kind })
}

/** 422 for an option of the request itself. */
export function invalidOption(options: string, cause: Cause & { field: string }): StatusError {
  return invalid({ group: 'meta.k8s.io', plural: '', kind: options }, '', [cause])
}

export function forbidden(resource: Resource, name: string, why: string, causes?: Cause[]): StatusError {
  const message = `${qualified(resource)} "${name}" is forbidden: ${why}`
  return new StatusError(403, 'Forbidden', message, { ...details(resource, name), causes })
}

/** 422 with one cause per wrong field. */
export function invalid(resource: Resource, name: string, causes: Cause[]): StatusError {
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`)
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const type = resource.group ? `${resource.kind}.${resource.group}` : resource.kind
  return new StatusError(422, 'Invalid', `${type} "${name}" is invalid: ${list}`, {
    name: name || undefined,
    group: resource.group || undefined,
    kind: resource.kind,
    causes,
  })
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

export function unsupportedMediaType(message: string): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', message)
}

export function methodNotAllowed(message: string): StatusError {
  return new StatusError(405, 'MethodNotAllowed', message)
}

export function expired(revision: number, oldest: number): StatusError {
  return new StatusError(410, 'Expired', `too old resource version: ${revision} (${oldest})`)
}

/** A path that exists in a real cluster, or nowhere; either way nobody answers it here. */
export function notServed(path: string): StatusError {
  const message = `the server could not find the requested resource: this miniature cluster does not serve ${path}`
  return new StatusError(404, 'NotFound', message)
}

/** The `Status` object of anything that was thrown; what is not a StatusError is a fault of the server (500). */
export function statusOf(error: unknown): object {
  const { code, reason, message, details, metadata } = asStatusError(error)
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata,
    status: 'Failure',
    message,
    reason: reason || undefined,
    details: Object.keys(details).length ? details : undefined,
    code,
  }
}

export function asStatusError(error: unknown): StatusError {
  if (isStatusError(error)) return error
  const text = typeof error === 'object' && error && 'stack' in error ? String(error.stack) : String(error)
  return new StatusError(500, 'InternalError', `Internal error occurred: ${text}`)
}

/** The `Status` object of a success that has no object to return. */
export function success(details: StatusDetails & { uid?: string }): object {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}

export function qualified({ group, plural }: Resource): string {
  return group ? `${plural}.${group}` : plural
}

function details({ group, plural }: Resource, name: string): StatusDetails {
  return { name, group: group || undefined, kind: plural }
}

/** Whether it is an answer that somebody meant to give. */
export function isStatusError(error: unknown): error is StatusError {
  return typeof error === 'object' && error !== null && 'details' in error && 'reason' in error
}
