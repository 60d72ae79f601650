export { type Default, defaults, podDefaults, podTolerations, undefaulted } from './defaults.ts'
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
export { type OpenApiSchema, publishedSchema, schemaOf } from './schema-of.ts'
export { ignored, refused, servedValues, shortName } from './support.ts'
