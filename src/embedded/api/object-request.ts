import { type DeleteOptions, parseDeleteOptions, requirePropagation } from './deletion.ts'
import type { Patch } from './patch/index.ts'
import type { Route } from './route.ts'
import type { UserInfo } from './service-account-tokens.ts'
import { badRequest, invalidOption, unsupportedMediaType } from './status-error.ts'
import type { WriteOptions } from './write-options.ts'

export interface ObjectRequest {
  method: string
  route: Route
  query: URLSearchParams
  contentType: string
  /** The parsed body; undefined where there is none. */
  body: unknown
  user: UserInfo
  /** Who writes where the query names no fieldManager: the first word of the User-Agent. */
  client: string
  /** Texts for `Warning:` headers are added here, also where the request fails. */
  warnings: string[]
}

/** How a write is to be done; throws what the options' own validation says. */
export function writeOptions({ query, client, method, warnings }: ObjectRequest): WriteOptions {
  requireManagerName(query.get('fieldManager') ?? '', optionsKind(method))
  const fieldValidation = query.get('fieldValidation') || 'Warn'
  if (fieldValidation !== 'Strict' && fieldValidation !== 'Warn' && fieldValidation !== 'Ignore') {
    const message = `Unsupported value: ${JSON.stringify(fieldValidation)}: supported values: "", "Ignore", "Strict", "Warn"`
    throw invalidOption(optionsKind(method), {
      reason: 'FieldValueNotSupported',
      message,
      field: 'fieldValidation',
    })
  }
  const dryRun = query.get('dryRun')
  if (dryRun !== null && dryRun !== 'All') {
    const message = `Unsupported value: ${JSON.stringify([dryRun])}: supported values: "All"`
    throw invalidOption(optionsKind(method), { reason: 'FieldValueNotSupported', message, field: 'dryRun' })
  }
  return {
    dryRun: dryRun === 'All',
    fieldManager: query.get('fieldManager') || client,
    fieldValidation,
    force: query.get('force') === 'true',
    warnings,
  }
}

/** What the body says; the query, where it says something, says it louder. */
export function deleteOptions({ body, query }: ObjectRequest): DeleteOptions {
  const sent = parseDeleteOptions(body)
  const grace = query.get('gracePeriodSeconds')
  if (grace !== null && !/^-?\d{1,9}$/.test(grace))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`)
  const policy = query.get('propagationPolicy')
  requirePropagation(policy)
  return {
    ...sent,
    gracePeriodSeconds: grace === null ? sent.gracePeriodSeconds : Number(grace),
    propagationPolicy: (policy as DeleteOptions['propagationPolicy']) ?? sent.propagationPolicy,
  }
}

const patchTypes: Record<string, Patch['type']> = {
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/json-patch+json': 'json',
  'application/apply-patch+yaml': 'apply',
}

/** The patch that the body is, by its content type. */
export function patchOf({ contentType, body, query }: ObjectRequest): Patch {
  const type = patchTypes[contentType]
  if (!type) {
    const served = Object.keys(patchTypes).join(', ')
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${served}`,
    )
  }
  if (type === 'apply' && !query.get('fieldManager'))
    throw invalidOption('PatchOptions', {
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
      field: 'fieldManager',
    })
  if (query.get('force') === 'true' && type !== 'apply')
    throw invalidOption('PatchOptions', {
      reason: 'FieldValueForbidden',
      message: 'Forbidden: may not be specified for non-apply patch',
      field: 'force',
    })
  return { type, document: body }
}

const maxManagerBytes = 128

function requireManagerName(name: string, options: string): void {
  if (Buffer.byteLength(name) > maxManagerBytes) {
    const message = `Too long: may not be more than ${maxManagerBytes} bytes`
    throw invalidOption(options, { reason: 'FieldValueTooLong', message, field: 'fieldManager' })
  }
  const at = name.search(/[\p{Cc}\p{Cn}\p{Zl}\p{Zp}]/u)
  if (at < 0) return
  const character = `U+${name.codePointAt(at)!.toString(16).toUpperCase().padStart(4, '0')}`
  const message = `Invalid value: ${JSON.stringify(name)}: invalid character ${character} (at position ${at})`
  throw invalidOption(options, { reason: 'FieldValueInvalid', message, field: 'fieldManager' })
}

const optionsKinds: Record<string, string> = {
  POST: 'CreateOptions',
  PUT: 'UpdateOptions',
  DELETE: 'DeleteOptions',
}

function optionsKind(method: string): string {
  return optionsKinds[method] ?? 'PatchOptions'
}
