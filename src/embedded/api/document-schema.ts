import type { Kind } from './kind.ts'
import { publishedSchema } from './published/index.ts'
import type { FieldsSchema } from './schema.ts'

/** The whole document of a kind. */
export function documentSchema(kind: Kind): FieldsSchema {
  if (kind.definition) return publishedSchema(kind.definition) as FieldsSchema
  const metadata = publishedSchema('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  const fields = { ...kind.schema, apiVersion: 'string', kind: 'string', metadata } as const
  return { fields, open: kind.isOpen, defaults: kind.defaults }
}
