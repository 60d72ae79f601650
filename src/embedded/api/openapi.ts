import { createHash } from 'node:crypto'
import { documentSchema } from './document-schema.ts'
import { groupVersion, type Kind } from './kind.ts'
import { openApiSchema } from './openapi-schema.ts'
import { describedDefinitions, type OpenApiSchema } from './published/index.ts'

/** `/openapi/v3`: where each group version's document is. */
export function openApiIndex(kinds: Kind[]): object {
  const paths: Record<string, object> = {}
  for (const path of new Set(kinds.map(groupVersionPath))) {
    // Changes whenever the kinds of the group version do, which is what clients cache by.
    const hash = createHash('sha1')
    for (const kind of kinds) {
      if (groupVersionPath(kind) === path)
        hash.update(JSON.stringify([kind.kind, kind.definition, kind.openApi]))
    }
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash.digest('hex')}` }
  }
  return { paths }
}

/** `/openapi/v3/apis/apps/v1`: the paths and schemas of one group version; undefined where none is served. */
export function openApiDocument(kinds: Kind[], path: string): object | undefined {
  const served = kinds.filter((kind) => groupVersionPath(kind) === path)
  if (!served.length) return undefined
  const schemas: Record<string, OpenApiSchema> = {}
  const definitions = describedDefinitions()
  for (const kind of served) collect(kind, definitions, schemas)
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'unversioned' },
    paths: Object.assign({}, ...served.map(pathsOf)),
    components: { schemas },
  }
}

/** `apis/apps/v1`. */
export function groupVersionPath(kind: Kind): string {
  return `${kind.group ? 'apis' : 'api'}/${groupVersion(kind)}`
}

function schemaName({ definition, group, version, kind }: Kind): string {
  return definition ?? [...group.split('.').reverse(), version, kind].join('.')
}

function groupVersionKind({ group, version, kind }: Kind): object {
  return { group, version, kind }
}

/** kubectl reads here whether a kind takes fieldValidation and dryRun. */
function pathsOf(kind: Kind): object {
  const scope = kind.namespaced ? '/namespaces/{namespace}' : ''
  const path = `/${groupVersionPath(kind)}${scope}/${kind.plural}`
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
  }))
  const schema = { $ref: `#/components/schemas/${schemaName(kind)}` }
  const responses = { 200: { description: 'OK', content: { 'application/json': { schema } } } }
  const operation = (action: string) => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': groupVersionKind(kind),
    parameters,
    responses,
  })
  if (kind.review) return { [path]: { post: operation('post') } }
  return {
    [path]: { get: operation('list'), post: operation('post') },
    [`${path}/{name}`]: {
      get: operation('get'),
      put: operation('put'),
      patch: operation('patch'),
      delete: operation('delete'),
    },
  }
}

type Definitions = Record<string, OpenApiSchema>

/** Puts the schema of a kind, and all that it refers to, among `schemas`. */
function collect(kind: Kind, definitions: Definitions, schemas: Definitions): void {
  const metadata = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
  if (kind.definition) reachable(kind.definition, definitions, schemas)
  else {
    reachable(metadata, definitions, schemas)
    schemas[schemaName(kind)] = {
      ...ownSchema(kind, metadata),
      'x-kubernetes-group-version-kind': [groupVersionKind(kind)],
    }
  }
}

function ownSchema(kind: Kind, metadata: string): OpenApiSchema {
  const { openApi } = kind
  const own =
    openApi ?? (openApiSchema({ ...documentSchema(kind), fields: kind.schema ?? {} }) as OpenApiSchema)
  const properties = {
    apiVersion: definitionText('apiVersion'),
    kind: definitionText('kind'),
    metadata: { allOf: [{ $ref: `#/components/schemas/${metadata}` }] },
    ...without(own.properties, ['apiVersion', 'kind', 'metadata']),
  }
  return { ...own, type: 'object', properties }
}

function definitionText(field: 'apiVersion' | 'kind'): OpenApiSchema {
  const description =
    field === 'kind'
      ? 'Kind is a string value representing the REST resource this object represents.'
      : 'APIVersion defines the versioned schema of this representation of an object.'
  return { type: 'string', description }
}

function without(properties: Definitions = {}, fields: string[]): Definitions {
  return Object.fromEntries(Object.entries(properties).filter(([field]) => !fields.includes(field)))
}

function reachable(name: string, definitions: Definitions, schemas: Definitions): void {
  const definition = definitions[name]
  if (!definition || schemas[name]) return
  schemas[name] = definition
  for (const [, reference] of JSON.stringify(definition).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    reachable(reference!, definitions, schemas)
  }
}
