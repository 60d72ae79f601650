/** RFC 3339 in whole seconds, as the API writes times (meta/v1 Time). */
export function apiTime(date: Date = new Date()): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}
