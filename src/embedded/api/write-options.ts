/** How a write is to be done, as the request's query says. */
export interface WriteOptions {
  dryRun?: boolean
  /** Who writes, for managedFields. */
  fieldManager?: string
  /** What an unknown field does: refuse, warn, nothing. Default Strict. */
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  /** Under which subresource the write is noted in managedFields, where it is not the target's. */
  writtenPart?: string
  /** Server-side apply only: take over fields that belong to others. */
  force?: boolean
  /** Texts for `Warning:` headers are added here. */
  warnings: string[]
}
