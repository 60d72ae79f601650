import type { Kind } from './kind.ts'
import { metadataSchema } from './kinds/index.ts'
import type { Schema } from './schema.ts'

/** The whole document of a kind. */
export function documentSchema(kind: Kind): Schema {
  const fields = { apiVersion: 'string', kind: 'string', metadata: metadataSchema, ...kind.schema } as const
  return { fields, required: kind.required }
}
