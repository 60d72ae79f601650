/** As a real API server has it: texts are cut short once this many characters of warnings are sent. */
const maxWholeCharacters = 4096
const maxCutCharacters = 256

/** Values of `Warning:` headers: each text once, and none that would end the header or make all of them too long. */
export function warningHeaders(texts: string[]): string[] {
  const headers: string[] = []
  let left = maxWholeCharacters
  for (const text of new Set(texts)) {
    const shown = text.length <= left ? text : text.slice(0, Math.min(maxCutCharacters, left))
    if (left <= 0) break
    left -= shown.length
    headers.push(`299 - "${latin1(shown)}"`)
  }
  return headers
}

/** The text as a quoted string whose bytes are UTF-8, which Node takes one by one. */
function latin1(text: string): string {
  const quoted = text.replace(/\p{Cc}/gu, ' ').replace(/["\\]/g, '\\$&')
  return Buffer.from(quoted).toString('latin1')
}
