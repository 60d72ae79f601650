import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { projectRoot } from '../../../project-root.ts'
import type { OpenApiSchema } from './open-api-schema.ts'

/**
 * What a real API server publishes of its kinds: discovery, columns and OpenAPI v3 schemas, recorded by
 * `npm run record:api`. Read once, when first asked for; the descriptions apart, since only `explain` needs them.
 */
export interface Published {
  gitVersion: string
  resources: PublishedResource[]
  definitions: Record<string, OpenApiSchema>
}

export interface PublishedResource {
  group: string
  version: string
  kind: string
  plural: string
  singular: string
  namespaced: boolean
  verbs: string[]
  shortNames?: string[]
  categories?: string[]
  subresources: PublishedSubresource[]
  columns: PublishedColumn[]
  /** Name of its schema among the definitions. */
  definition: string
}

export interface PublishedSubresource {
  name: string
  verbs: string[]
  group: string
  version: string
  kind: string
}

export interface PublishedColumn {
  name: string
  type: string
  format: string
  priority: number
}

let published: Published | undefined

export function publishedApi(): Published {
  published ??= read('schemas') as Published
  return published
}

/** The schemas with every description, as OpenAPI documents carry them. */
export function describedDefinitions(): Record<string, OpenApiSchema> {
  const descriptions = read('descriptions') as Record<string, Record<string, string>>
  const entries = Object.entries(publishedApi().definitions).map(([name, definition]) => {
    const texts = descriptions[name] ?? {}
    const properties = Object.entries(definition.properties ?? {}).map(([field, schema]) => [
      field,
      { description: texts[field], ...schema },
    ])
    const described: OpenApiSchema = { description: texts[''], ...definition }
    if (properties.length) described.properties = Object.fromEntries(properties)
    return [name, described]
  })
  return Object.fromEntries(entries)
}

/** Messages of Kubernetes' protobuf: for each field's number its JSON name, its type, and how it is held. */
export type ProtobufMessages = Record<
  string,
  Record<string, [name: string, type: string, flags: '' | 'r' | 'm' | 'p']>
>

let messages: ProtobufMessages | undefined

/** Read when the first body of that encoding comes. */
export function protobufMessages(): ProtobufMessages {
  messages ??= read('protobuf') as ProtobufMessages
  return messages
}

function read(name: string): unknown {
  const path = join(projectRoot(), 'src/embedded/api/published', `${name}.json.gz`)
  return JSON.parse(gunzipSync(readFileSync(path)).toString())
}
