export { type Default, defaults, podDefaults, podTolerations, undefaulted, zeroIsNone } from './defaults.ts'
export type { OpenApiSchema } from './open-api-schema.ts'
export {
  describedDefinitions,
  type ProtobufMessages,
  type Published,
  type PublishedColumn,
  type PublishedResource,
  type PublishedSubresource,
  protobufMessages,
  publishedApi,
} from './published.ts'
export { publishedSchema, schemaOf } from './schema-of.ts'
export { ignored, refused, servedValues, shortName } from './support.ts'
