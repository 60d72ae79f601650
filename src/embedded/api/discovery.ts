import { groupVersion, type Kind } from './kind.ts'
import { kinds } from './kinds/index.ts'
import { objectVerbs } from './verbs.ts'

/** What discovery answers at a path; undefined where the path is none of its own. */
export function discovery(path: string, accept: string): { body: object; contentType?: string } | undefined {
  if (path === '/api' || path === '/apis') {
    if (accept.includes('as=APIGroupDiscoveryList')) return aggregated(path)
    return { body: path === '/api' ? coreVersions : groupList() }
  }
  const [, root, group, version, ...tooMany] = path.split('/')
  if (tooMany.length || !group || (root !== 'api' && root !== 'apis')) return undefined
  if (root === 'api' && !version) return group === 'v1' ? { body: resourceList('v1') } : undefined
  if (root !== 'apis' || !groups().includes(group)) return undefined
  if (!version) return { body: groupOf(group) }
  const isServed = versionsOf(group).includes(version)
  return isServed ? { body: resourceList(`${group}/${version}`) } : undefined
}

const coreVersions = {
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1' }],
}

/** Named groups in the order of the kinds. */
export function groups(): string[] {
  return [...new Set(kinds.map((kind) => kind.group))].filter((group) => group !== '')
}

export function versionsOf(group: string): string[] {
  return [...new Set(kinds.filter((kind) => kind.group === group).map((kind) => kind.version))]
}

function groupList(): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups().map((name) => groupBody(name)) }
}

function groupOf(name: string): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(name) }
}

function groupBody(name: string) {
  const versions = versionsOf(name).map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions, preferredVersion: versions[0]! }
}

function resourceList(wanted: string): object {
  const served = kinds.filter((kind) => groupVersion(kind) === wanted)
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: wanted,
    resources: served.flatMap(resourcesOf),
  }
}

function resourcesOf(kind: Kind): object[] {
  const { namespaced, shortNames, categories } = kind
  const main = {
    name: kind.plural,
    singularName: kind.kind.toLowerCase(),
    namespaced,
    kind: kind.kind,
    verbs: objectVerbs,
    shortNames,
    categories,
  }
  const subresources = (kind.subresources ?? []).map((name) => ({
    name: `${kind.plural}/${name}`,
    singularName: '',
    namespaced,
    ...(name === 'scale' ? scaleKind : { kind: kind.kind }),
    verbs: subresourceVerbs(name),
  }))
  return [main, ...subresources]
}

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' }

/** apidiscovery.k8s.io/v2: everything in one answer. */
function aggregated(path: string): { body: object; contentType: string } {
  const names = path === '/api' ? [''] : groups()
  const items = names.map((group) => ({
    metadata: { name: group || undefined, creationTimestamp: null },
    versions: versionsOf(group).map((version) => ({
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
  const responseKind = { group: kind.group, version: kind.version, kind: kind.kind }
  return {
    resource: kind.plural,
    responseKind,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.kind.toLowerCase(),
    verbs: objectVerbs,
    shortNames: kind.shortNames,
    categories: kind.categories,
    subresources: (kind.subresources ?? []).map((subresource) => ({
      subresource,
      responseKind: subresource === 'scale' ? scaleKind : responseKind,
      verbs: subresourceVerbs(subresource),
    })),
  }
}

function subresourceVerbs(name: string): string[] {
  if (name === 'log') return ['get']
  return name === 'exec' || name === 'attach' ? ['create', 'get'] : ['get', 'patch', 'update']
}
