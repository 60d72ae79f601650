import { parse } from 'yaml'

/** Parses one YAML document. In a file of its own so that the parser is loaded when the first YAML comes. */
export function parseYaml(text: string): unknown {
  return parse(text, { logLevel: 'error' })
}
