import { groupVersion, type Kind } from './kind.ts'
import { objectVerbs, subresourceVerbs } from './verbs.ts'

/** What discovery answers at a path; undefined where the path is none of its own. */
export function discovery(
  kinds: Kind[],
  path: string,
  accept: string,
): { body: object; contentType?: string } | undefined {
  if (path === '/') return { body: { paths: pathsOf(kinds) } }
  if (path === '/api' || path === '/apis') {
    if (accept.includes('as=APIGroupDiscoveryList')) return aggregated(kinds, path)
    return { body: path === '/api' ? coreVersions : groupList(kinds) }
  }
  const [, root, group, version, ...tooMany] = path.split('/')
  if (tooMany.length || !group || (root !== 'api' && root !== 'apis')) return undefined
  if (root === 'api' && !version) return group === 'v1' ? { body: resourceList(kinds, 'v1') } : undefined
  if (root !== 'apis' || !groupsOf(kinds).includes(group)) return undefined
  if (!version) return { body: { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(kinds, group) } }
  const isServed = versionsOf(kinds, group).includes(version)
  return isServed ? { body: resourceList(kinds, `${group}/${version}`) } : undefined
}

/** What there is to ask for, in the order of an alphabet. */
function pathsOf(kinds: Kind[]): string[] {
  const groups = kinds.flatMap((kind) =>
    kind.group ? [`/apis/${kind.group}`, `/apis/${groupVersion(kind)}`] : [`/api/${groupVersion(kind)}`],
  )
  const others = [
    '/api',
    '/apis',
    '/apis/',
    '/healthz',
    '/livez',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    '/readyz',
    '/version',
  ]
  return [...new Set([...groups, ...others])].sort()
}

const coreVersions = {
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1' }],
}

/** Named groups in the order of the kinds. */
function groupsOf(kinds: Kind[]): string[] {
  return [...new Set(kinds.map((kind) => kind.group))].filter((group) => group !== '')
}

function versionsOf(kinds: Kind[], group: string): string[] {
  return [...new Set(kinds.filter((kind) => kind.group === group).map((kind) => kind.version))]
}

function groupList(kinds: Kind[]): object {
  const groups = groupsOf(kinds).map((name) => groupBody(kinds, name))
  return { kind: 'APIGroupList', apiVersion: 'v1', groups }
}

function groupBody(kinds: Kind[], name: string) {
  const versions = versionsOf(kinds, name).map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions, preferredVersion: versions[0]! }
}

function resourceList(kinds: Kind[], wanted: string): object {
  const served = kinds.filter((kind) => groupVersion(kind) === wanted)
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: wanted,
    resources: served.flatMap(resourcesOf),
  }
}

function resourcesOf(kind: Kind): object[] {
  const { namespaced, shortNames, categories, plural } = kind
  const main = {
    name: plural,
    singularName: singularOf(kind),
    namespaced,
    kind: kind.kind,
    verbs: verbsOf(kind),
    shortNames,
    categories,
  }
  const others = subresourcesOf(kind).map(({ name, verbs, ...type }) => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    ...(type.group === kind.group && type.version === kind.version ? { kind: type.kind } : type),
    verbs,
  }))
  return [main, ...others]
}

/** apidiscovery.k8s.io/v2: everything in one answer. */
function aggregated(kinds: Kind[], path: string): { body: object; contentType: string } {
  const names = path === '/api' ? [''] : groupsOf(kinds)
  const items = names.map((group) => ({
    metadata: { name: group || undefined, creationTimestamp: null },
    versions: versionsOf(kinds, group).map((version) => ({
      version,
      freshness: 'Current',
      resources: kinds
        .filter((kind) => kind.group === group && kind.version === version)
        .map(aggregatedResource),
    })),
  }))
  return {
    body: { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items },
    contentType: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  }
}

function aggregatedResource(kind: Kind): object {
  const subresources = subresourcesOf(kind).map(({ name, verbs, ...responseKind }) => ({
    subresource: name,
    responseKind: saidOnce(kind, responseKind),
    verbs,
  }))
  return {
    resource: kind.plural,
    responseKind: saidOnce(kind, { group: kind.group, version: kind.version, kind: kind.kind }),
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singularOf(kind),
    verbs: verbsOf(kind),
    shortNames: kind.shortNames,
    categories: kind.categories,
    subresources: subresources.length ? subresources : undefined,
  }
}

/** Of its own kinds an API server leaves out what the group and version around them say. */
function saidOnce(
  kind: Kind,
  { group, version, kind: name }: Record<'group' | 'version' | 'kind', string>,
): object {
  const isSame = kind.published && group === kind.group && version === kind.version
  return isSame ? { group: '', version: '', kind: name } : { group, version, kind: name }
}

function singularOf({ singular, kind }: Kind): string {
  return singular ?? kind.toLowerCase()
}

function verbsOf({ published }: Kind): string[] {
  return published?.verbs ?? objectVerbs
}

interface Subresource {
  name: string
  verbs: string[]
  group: string
  version: string
  kind: string
}

function subresourcesOf({ published, subresources = [], group, version, kind }: Kind): Subresource[] {
  if (published) return published.subresources
  return subresources.map((name) => ({
    name,
    verbs: subresourceVerbs,
    ...(name === 'scale' ? { group: 'autoscaling', version: 'v1', kind: 'Scale' } : { group, version, kind }),
  }))
}
