import { protobufBytes } from '../../protobuf.ts'
import type { Kind } from './kind.ts'
import { groupVersionPath, openApiDocument } from './openapi.ts'
import { version } from './version.ts'

// biome-ignore lint/suspicious/noExplicitAny: documents of OpenAPI, as they come
type Json = any

/**
 * `/openapi/v2`: everything in one document of Swagger 2.0, for clients that know no later one. Made of the documents of
 * v3, from which it differs in where things stand.
 */
export function openApiV2(kinds: Kind[]): object {
  const documents = [...new Set(kinds.map(groupVersionPath))].map(
    (path) => openApiDocument(kinds, path) as Json,
  )
  const schemas = Object.assign({}, ...documents.map(({ components }) => components.schemas))
  const paths = Object.assign({}, ...documents.map((document) => document.paths))
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: version.gitVersion },
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, operations]) => [path, operationsOf(operations)]),
    ),
    definitions: Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [name, schemaOf(schema)]),
    ),
  }
}

/** What kubectl asks for, of the gnostic project's form of Swagger. */
export const openApiV2Protobuf = {
  asked: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  // As a real API server answers: with the other sign it would be no media type.
  answered: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
}

/**
 * `/openapi/v2` as protobuf: a document that describes no kind. kubectl reads it where v3 does not tell, for a `List` and
 * for what is not served, and leaves to the server what the document does not describe.
 */
export function openApiV2Message(): Buffer {
  const info = Buffer.concat([protobufBytes(1, 'Kubernetes'), protobufBytes(2, version.gitVersion)])
  return Buffer.concat([protobufBytes(1, '2.0'), protobufBytes(2, info)])
}

function operationsOf(operations: Json): Json {
  const converted = Object.entries<Json>(operations).map(([method, { parameters, responses, ...rest }]) => [
    method,
    {
      ...rest,
      consumes: ['*/*'],
      produces: ['application/json'],
      parameters: parameters.map(({ schema, ...parameter }: Json) => ({ ...parameter, ...schema })),
      responses: Object.fromEntries(
        Object.entries<Json>(responses).map(([code, answer]) => [code, responseOf(answer)]),
      ),
    },
  ])
  return Object.fromEntries(converted)
}

function responseOf({ description, content }: Json): Json {
  return { description, schema: schemaOf(content['application/json'].schema) }
}

/** A reference stands alone here, beside at most a description; there is no way to say that one of several fits. */
function schemaOf(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(schemaOf)
  if (typeof schema !== 'object' || schema === null) return schema
  const { allOf, oneOf, anyOf, ...rest } = schema
  const reference = rest.$ref ?? (allOf?.length === 1 ? allOf[0].$ref : undefined)
  if (typeof reference === 'string') {
    const $ref = reference.replace('#/components/schemas/', '#/definitions/')
    return rest.description ? { description: rest.description, $ref } : { $ref }
  }
  if ((oneOf ?? anyOf) && !rest.type) rest.type = rest.format === 'int-or-string' ? 'string' : undefined
  const entries = Object.entries<Json>(rest).map(([key, each]) => [
    key,
    // The names of fields are words of their own.
    key === 'properties' ? mapped(each) : schemaOf(each),
  ])
  return Object.fromEntries(entries)
}

function mapped(schemas: Json): Json {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, schemaOf(schema)]))
}
