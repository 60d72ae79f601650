import { readFileSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { projectRoot } from '../../../src/project-root.ts'

/** A field as `[JSON name, type, flags]`; flags: r repeated, m map (the type is that of its values), p optional scalar. */
type Field = [name: string, type: string, flags: string]

/**
 * Reads the numbers of Kubernetes' protobuf fields from the `generated.proto` and `types.go` of the Go modules k8s.io/api,
 * k8s.io/apimachinery, k8s.io/apiextensions-apiserver and k8s.io/kube-aggregator below the given folders, and writes
 * them where the API server reads them. Only the published definitions and what they refer to are kept.
 */
export async function recordProtobuf(modules: string[], definitions: string[]): Promise<void> {
  const messages: Record<string, Record<string, Field>> = {}
  for (const module of modules) {
    for (const path of await readdir(module, { recursive: true })) {
      if (path.endsWith('generated.proto') && !path.includes('vendor'))
        readPackage(join(module, path), messages)
    }
  }
  const kept: typeof messages = {}
  const keep = (name: string) => {
    if (kept[name] || !messages[name]) return
    kept[name] = messages[name]
    for (const [, type] of Object.values(messages[name])) keep(type)
  }
  for (const name of definitions) keep(name)
  const file = join(projectRoot(), 'src/embedded/api/published/protobuf.json.gz')
  writeFileSync(file, gzipSync(JSON.stringify(kept), { level: 9 }))
}

function readPackage(file: string, messages: Record<string, Record<string, Field>>): void {
  const text = readFileSync(file, 'utf8')
  const name = /^package (\S+);/m.exec(text)?.[1]
  const optional = optionalScalars(dirname(file))
  for (const [, message, body] of text.matchAll(/^message (\w+) \{\n(.*?)^\}/gms)) {
    const fields: Record<string, Field> = {}
    const pattern = /^ {2}(optional|repeated|map<\w+, *)\s*([\w.]+)>? (\w+) = (\d+);/gm
    for (const [, label, type, field, number] of body!.matchAll(pattern)) {
      const scope = type!.startsWith('.k8s.io') ? type!.slice(1) : type!
      const isMessage = /^[A-Z]/.test(scope)
      const full = isMessage ? `io.${name}.${scope}` : scope.startsWith('k8s.io') ? `io.${scope}` : scope
      const jsonName = field!.replace(/^_/, '$')
      const isOptional = optional.has(`${message}.${jsonName}`)
      const flags = label === 'repeated' ? 'r' : label!.startsWith('map') ? 'm' : isOptional ? 'p' : ''
      fields[number!] = [jsonName, full.replace('io.k8s.io.', 'io.k8s.'), flags]
    }
    messages[`io.${name!.replace('k8s.io.', 'k8s.')}.${message}`] = fields
  }
}

/** `Type.field` of each scalar that Go holds by pointer: only there is a zero something that was said. */
function optionalScalars(directory: string): Set<string> {
  const found = new Set<string>()
  let text = ''
  try {
    text = readFileSync(join(directory, 'types.go'), 'utf8')
  } catch {
    return found
  }
  for (const [, type, body] of text.matchAll(/^type (\w+) struct \{\n(.*?)^\}/gms)) {
    for (const [, name] of body!.matchAll(/^\t\w+\s+\*\S+\s+`json:"([^",]+)/gm)) found.add(`${type}.${name}`)
  }
  return found
}
