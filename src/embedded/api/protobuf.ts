import { type ProtobufField, protobufFields } from '../../protobuf.ts'
import { isObject } from './json.ts'
import { type ProtobufMessages, protobufMessages, publishedApi } from './published/index.ts'

/** Four bytes, and then a `runtime.Unknown`: apiVersion and kind, and the object as bytes. */
const magic = Buffer.from('k8s\0', 'latin1')

/** A body of application/vnd.kubernetes.protobuf as the JSON object that it stands for. Throws where it is none. */
export function decodeProtobuf(body: Buffer): unknown {
  if (!body.subarray(0, 4).equals(magic)) throw new Error('it does not begin with "k8s\\0"')
  const { typeMeta, raw } = envelope(body.subarray(4))
  const { apiVersion = 'v1', kind = '' } = typeMeta
  const name = definitionOf(apiVersion, kind)
  const messages = protobufMessages()
  if (!name || !messages[name]) throw new Error(`the fields of ${apiVersion} ${kind} are not known`)
  return { apiVersion, kind, ...(message(raw, name, messages) as object) }
}

function envelope(body: Buffer): { typeMeta: { apiVersion?: string; kind?: string }; raw: Buffer } {
  const typeMeta: { apiVersion?: string; kind?: string } = {}
  let raw: Buffer = Buffer.alloc(0)
  for (const { number, value } of protobufFields(body)) {
    if (!Buffer.isBuffer(value)) continue
    if (number === 2) raw = value
    if (number !== 1) continue
    for (const entry of protobufFields(value)) {
      if (entry.number === 1) typeMeta.apiVersion = String(entry.value)
      if (entry.number === 2) typeMeta.kind = String(entry.value)
    }
  }
  return { typeMeta, raw }
}

/** Options of a request are of the group that is asked, whatever it is: they are all the same. */
function definitionOf(apiVersion: string, kind: string): string | undefined {
  const [version, group = ''] = apiVersion.split('/').reverse()
  const found = Object.entries(publishedApi().definitions).find(([, definition]) =>
    definition['x-kubernetes-group-version-kind']?.some(
      (each: { group: string; version: string; kind: string }) =>
        each.kind === kind && each.group === group && each.version === version,
    ),
  )
  return found?.[0]
}

/** What a message means in JSON. */
function message(bytes: Buffer, name: string, messages: ProtobufMessages): unknown {
  const special = specials[name]
  if (special) return special(bytes)
  const properties = publishedApi().definitions[name]?.properties
  const result: Record<string, unknown> = {}
  for (const { number, value } of protobufFields(bytes)) {
    const field = messages[name]?.[number]
    if (!field) continue
    const [key, type, flags] = field
    if (flags === 'm') {
      const [entry, element] = mapEntry(value as Buffer, type, messages)
      result[key] = { ...(result[key] as object), [entry]: element }
    } else if (flags === 'r') {
      const list = (result[key] as unknown[] | undefined) ?? []
      result[key] = [...list, single(value, type, messages)]
    } else {
      const element = single(value, type, messages)
      // What Go embeds is a message of its own here, and part of its owner in JSON.
      if (properties && !properties[key] && isObject(element)) Object.assign(result, element)
      else if (flags === 'p' || !isZero(element)) result[key] = element
    }
  }
  const fields = Object.keys(messages[name] ?? {})
  // A list that only protobuf has to wrap.
  if (!properties && fields.length === 1 && messages[name]!['1']?.[0] === 'items') return result.items ?? []
  return result
}

function single(value: ProtobufField['value'], type: string, messages: ProtobufMessages): unknown {
  if (typeof value === 'bigint') return type === 'bool' ? value !== 0n : Number(value)
  if (typeof value === 'number') return value
  if (type === 'string') return value.toString()
  return type === 'bytes' ? value.toString('base64') : message(value, type, messages)
}

function mapEntry(bytes: Buffer, type: string, messages: ProtobufMessages): [string, unknown] {
  let key = ''
  let element: unknown = type === 'string' || type === 'bytes' ? '' : {}
  for (const { number, value } of protobufFields(bytes)) {
    if (number === 1) key = String(value)
    if (number === 2) element = single(value, type, messages)
  }
  return [key, element]
}

function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false || value === null) return true
  return isObject(value) && Object.keys(value).length === 0
}

/** Types that JSON writes in a way of their own. */
const specials: Record<string, (bytes: Buffer) => unknown> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': (bytes) => textAt(bytes, 1),
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': intOrString,
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': time,
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': time,
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': rawJson,
  'io.k8s.apimachinery.pkg.runtime.RawExtension': rawJson,
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': rawJson,
}

function textAt(bytes: Buffer, wanted: number): string {
  for (const { number, value } of protobufFields(bytes)) if (number === wanted) return String(value)
  return ''
}

function intOrString(bytes: Buffer): string | number {
  const found = new Map([...protobufFields(bytes)].map(({ number, value }) => [number, value]))
  return found.get(1) === 1n ? String(found.get(3) ?? '') : Number(found.get(2) ?? 0)
}

function time(bytes: Buffer): string | null {
  const found = new Map([...protobufFields(bytes)].map(({ number, value }) => [number, Number(value)]))
  if (!found.size) return null
  return new Date((found.get(1) ?? 0) * 1000).toISOString().replace('.000Z', 'Z')
}

function rawJson(bytes: Buffer): unknown {
  const text = textAt(bytes, 1)
  return text === '' ? null : JSON.parse(text)
}
