import { createHash } from 'node:crypto'
import { documentSchema } from './document-schema.ts'
import { groupVersion, type Kind } from './kind.ts'
import { kinds } from './kinds/index.ts'
import { openApiSchema } from './openapi-schema.ts'

/** `/openapi/v3`: where each group version's document is. */
export function openApiIndex(): object {
  const paths: Record<string, object> = {}
  for (const path of groupVersionPaths()) {
    const hash = createHash('sha1')
      .update(JSON.stringify(openApiDocument(path)))
      .digest('hex')
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }
  }
  return { paths }
}

/** `/openapi/v3/apis/apps/v1`: the paths and schemas of one group version; undefined where none is served. */
export function openApiDocument(path: string): object | undefined {
  const served = kinds.filter((kind) => groupVersionPath(kind) === path)
  if (!served.length) return undefined
  return {
    openapi: '3.0.0',
    info: { title: 'ztlab embedded cluster', version: '1' },
    paths: Object.assign({}, ...served.map(pathsOf)),
    components: { schemas: Object.assign({}, ...served.map(schemaOf)) },
  }
}

function groupVersionPaths(): string[] {
  return [...new Set(kinds.map(groupVersionPath))]
}

function groupVersionPath(kind: Kind): string {
  return `${kind.group ? 'apis' : 'api'}/${groupVersion(kind)}`
}

function schemaName({ group, version, kind }: Kind): string {
  return [group || 'core', version, kind].join('.')
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

function schemaOf(kind: Kind): object {
  const schema = {
    ...openApiSchema(documentSchema(kind)),
    'x-kubernetes-group-version-kind': [groupVersionKind(kind)],
  }
  return { [schemaName(kind)]: schema }
}
