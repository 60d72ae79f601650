/**
 * A result for programs: one document that says of what kind and of what version of its schema it is. A field that goes
 * or changes its meaning makes another version; fields may be added.
 */
export function jsonDocument(kind: string, fields: object): string {
  return `${JSON.stringify({ apiVersion: 'ztlab.dev/v1', kind, ...fields }, null, 2)}\n`
}
