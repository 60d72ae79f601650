import type { Api, ApiAnswer } from './real-api-server.ts'
import { preparation, type Request, requests } from './requests/index.ts'

// biome-ignore lint/suspicious/noExplicitAny: whatever an API server says
type Json = any

/** An answer without what differs from one run to the next. */
export interface NormalAnswer {
  code: number
  warnings?: string[]
  body: Json
}

/** Sends the whole list in order; the normalised answers by the name of the request. */
export async function exchangeAll(
  api: Api,
  settled: () => Promise<void>,
): Promise<Record<string, NormalAnswer>> {
  const raw = new Map<string, ApiAnswer>()
  const answers: Record<string, NormalAnswer> = {}
  const exchange = async (request: Request) => {
    const answer = await api.send(resolved(request, raw))
    raw.set(request.name, answer)
    if (answers[request.name]) throw new Error(`two requests are named ${request.name}`)
    answers[request.name] = normalAnswer(answer, request.name.startsWith(wholeFields))
  }
  for (const request of preparation) await exchange(request)
  await settled()
  for (const request of requests) await exchange(request)
  return answers
}

function resolved({ method, path, headers, body, events }: Request, raw: Map<string, ApiAnswer>) {
  const fill = (text: string) =>
    text.replace(/\$\((.+?):([\w.]+)\)/g, (_all, name: string, at: string) => {
      const answer: Json = JSON.parse(raw.get(name)?.text ?? '{}')
      return String(at.split('.').reduce((value: Json, field) => value?.[field], answer) ?? 'none')
    })
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  return { method, path: fill(path), headers, body: text && fill(text), lines: events }
}

/** Requests whose names begin so are about managedFields, which are then compared whole. */
const wholeFields = 'fields: '

function normalAnswer({ code, headers, text }: ApiAnswer, isWhole: boolean): NormalAnswer {
  const warning = headers.warning
  const warnings =
    warning === undefined
      ? undefined
      : [warning]
          .flat()
          .join(', ')
          .split(/, (?=299 - )/)
  return {
    code,
    warnings,
    body: normalBody(isWhole ? text.replaceAll('managedFields', 'wholeManagedFields') : text),
  }
}

function normalBody(text: string): Json {
  const lines = text.split('\n').filter((line) => line !== '')
  try {
    if (text.startsWith('{\n')) return normal(JSON.parse(text))
    if (lines.length > 1) return lines.map((line) => normal(JSON.parse(line)))
    return normal(JSON.parse(text))
  } catch {
    return text
  }
}

function textOf(cause: Json): string {
  return `${cause.field} ${cause.message}`
}

const times = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g
const uids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Groups that the network of a cluster brings, or that of an embedded one. */
const ofNetwork = /(^|\.)projectcalico\.org$|^policy\.networking\.k8s\.io$/

function discoveredName(each: Json): string | undefined {
  if (each?.versions?.[0]?.version) return each.metadata ? (each.metadata.name ?? 'core') : each.name
  return each?.resource ?? each?.subresource ?? (each?.freshness ? each.version : undefined)
}

function managerOf({ manager, operation, subresource }: Json): string {
  return [manager, operation, subresource].join(' ').trim()
}

/** Replaces uids, times, versions, allocated addresses and tokens by what they are; managedFields by who manages. */
function normal(value: Json, field = ''): Json {
  if (Array.isArray(value)) {
    if (field === 'managedFields') return value.map(managerOf).sort()
    if (field === 'wholeManagedFields')
      value.sort((one, other) => (managerOf(one) < managerOf(other) ? -1 : 1))
    // Discovery is a set of groups, versions and resources, each under its name.
    const names = value.map(discoveredName)
    if (value.length && names.every((name) => typeof name === 'string'))
      return Object.fromEntries(
        value.flatMap((each, index) => (ofNetwork.test(names[index]!) ? [] : [[names[index], normal(each)]])),
      )
    // A list of kinds is compared by their names, not by their places.
    if (field === 'resources' && value.some((each) => each.verbs && each.kind))
      return Object.fromEntries(value.map((each) => [each.name, normal(each)]))
    return value.map((each) => normal(each, field))
  }
  if (typeof value === 'object' && value !== null) {
    if (field === 'columnDefinitions') delete value.description
    if (value.reason === 'Invalid' && value.details?.causes?.length > 1) {
      // The message is a list of the causes, whose order says nothing.
      value.details.causes.sort((one: Json, other: Json) => (textOf(one) < textOf(other) ? -1 : 1))
      delete value.message
    }
    const entries = Object.entries(value).filter(
      ([key, each]) =>
        each !== null &&
        each !== undefined &&
        key !== 'storageVersionHash' &&
        !(key === 'details' && Object.keys(each as object).length === 0),
    )
    return Object.fromEntries(entries.map(([key, each]) => [key, normal(each, key)]))
  }
  if (typeof value !== 'string') return value
  if (field === 'serverAddress') return '<address>'
  if (field === 'resourceVersion' || field === 'continue' || field === 'token')
    return value === '' ? '' : `<${field}>`
  return value
    .replace(/"resourceVersion\\?":\\?"\d+/g, '"resourceVersion":"<resourceVersion>')
    .replace(uids, '<uid>')
    .replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<random>')
    .replace(/\bmany-[a-z0-9]{5}\b/g, 'many-<random>')
    .replace(times, '<time>')
    .replace(
      /(supported values: )((?:"[^"]*"(?:, )?)+)/g,
      (_all, words, list) => words + list.split(', ').sort().join(', '),
    )
    .replace(/\b10\.(9[6-9]|10\d|11[01])\.\d+\.\d+\b(?<!10\.96\.0\.7[78])/g, '<cluster-ip>')
}
