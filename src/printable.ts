/** Text of foreign origin for a terminal or a report: control characters, which could steer a terminal, become `�`. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, '\ufffd')
}
