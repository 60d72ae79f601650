import { parse } from 'yaml'
import { kubernetesYaml } from '../../kubernetes-yaml.ts'

/** Parses one YAML document. In a file of its own so that the parser is loaded when the first YAML comes. */
export function parseYaml(text: string): unknown {
  return parse(text, { ...kubernetesYaml, logLevel: 'error' })
}
