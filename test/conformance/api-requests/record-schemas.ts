import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { projectRoot } from '../../../src/project-root.ts'
import type { Api } from './real-api-server.ts'

// biome-ignore lint/suspicious/noExplicitAny: documents of a real API server, as they come
type Json = any

/** Asks a real API server for its kinds and schemas, and writes them where the embedded one reads them. */
export async function recordSchemas(api: Api): Promise<void> {
  const definitions: Json = {}
  for (const { serverRelativeURL } of Object.values<Json>((await json(api, '/openapi/v3')).paths)) {
    const document = await json(api, serverRelativeURL)
    Object.assign(definitions, document.components?.schemas)
  }
  const resources = await discovered(api, definitions)
  const { gitVersion } = await json(api, '/version')
  const directory = join(projectRoot(), 'src/embedded/api/published')
  mkdirSync(directory, { recursive: true })
  const names = Object.keys(definitions).sort()
  const described = names.map((name) => [name, descriptionsOf(definitions[name])])
  const bare = names.map((name) => [name, withoutDescriptions(definitions[name])])
  write(directory, 'schemas', { gitVersion, resources, definitions: Object.fromEntries(bare) })
  write(directory, 'descriptions', Object.fromEntries(described))
}

async function json(api: Api, path: string, accept = 'application/json'): Promise<Json> {
  return JSON.parse((await api.send({ method: 'GET', path, headers: { accept } })).text)
}

async function discovered(api: Api, definitions: Json): Promise<Json[]> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
  const resources: Json[] = []
  for (const root of ['/api', '/apis']) {
    for (const { metadata, versions } of (await json(api, root, accept)).items) {
      for (const { version, resources: served } of versions) {
        const group = metadata.name ?? ''
        const path = `${root}/${group ? `${group}/` : ''}${version}`
        for (const each of served) {
          const columns = each.verbs.includes('list') ? await columnsOf(api, `${path}/${each.resource}`) : []
          resources.push(resourceOf({ group, version, each, columns, definitions }))
        }
      }
    }
  }
  return resources
}

function resourceOf({ group, version, each, columns, definitions }: Json): Json {
  const { kind } = each.responseKind ?? { kind: '' }
  const subresources = (each.subresources ?? []).map((sub: Json) => ({
    name: sub.subresource,
    verbs: sub.verbs,
    // What is left out is the kind, group or version of the resource itself.
    group: sub.responseKind?.group || group,
    version: sub.responseKind?.version || version,
    kind: sub.responseKind?.kind ?? kind,
  }))
  return {
    group,
    version,
    kind,
    plural: each.resource,
    singular: each.singularResource,
    namespaced: each.scope === 'Namespaced',
    verbs: each.verbs,
    shortNames: each.shortNames,
    categories: each.categories,
    subresources,
    columns,
    definition: definitionOf(definitions, { group, version, kind }),
  }
}

function definitionOf(definitions: Json, wanted: { group: string; version: string; kind: string }): string {
  const found = Object.entries<Json>(definitions).find(([, definition]) =>
    definition['x-kubernetes-group-version-kind']?.some(
      (each: typeof wanted) =>
        each.group === wanted.group && each.version === wanted.version && each.kind === wanted.kind,
    ),
  )
  if (!found) throw new Error(`no schema of ${wanted.group}/${wanted.version} ${wanted.kind}`)
  return found[0]
}

async function columnsOf(api: Api, path: string): Promise<Json[]> {
  const table = await json(api, path, 'application/json;as=Table;v=v1;g=meta.k8s.io')
  return table.columnDefinitions.map(({ name, type, format, priority }: Json) => ({
    name,
    type,
    format,
    priority,
  }))
}

function withoutDescriptions(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutDescriptions)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries<Json>(value).filter(
    ([key, each]) => key !== 'description' || typeof each !== 'string',
  )
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutDescriptions(each)]))
}

/** The texts of a definition (under the empty name) and of its fields. */
function descriptionsOf({ description, properties = {} }: Json): Json {
  const fields = Object.entries<Json>(properties).map(([field, each]) => [field, each.description])
  return Object.fromEntries([['', description], ...fields].filter(([, text]) => text))
}

function write(directory: string, name: string, document: Json): void {
  writeFileSync(join(directory, `${name}.json.gz`), gzipSync(JSON.stringify(document), { level: 9 }))
}
