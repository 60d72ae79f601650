/** A schema of OpenAPI v3 with Kubernetes' extensions, as API servers and CustomResourceDefinitions write it. */
export interface OpenApiSchema {
  type?: string
  format?: string
  description?: string
  properties?: Record<string, OpenApiSchema>
  required?: string[]
  items?: OpenApiSchema
  additionalProperties?: OpenApiSchema | boolean
  enum?: unknown[]
  default?: unknown
  $ref?: string
  allOf?: OpenApiSchema[]
  oneOf?: OpenApiSchema[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  pattern?: string
  // biome-ignore lint/suspicious/noExplicitAny: the extensions `x-kubernetes-…`
  [extension: `x-${string}`]: any
}
