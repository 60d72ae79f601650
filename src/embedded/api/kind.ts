import type { IpVersion } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { OpenApiSchema, PublishedResource } from './published/index.ts'
import type { Review } from './review.ts'
import type { Schema } from './schema.ts'
import type { Cause } from './status-error.ts'

/** A kind is data: one generic path serves them all, and asks the kind only for what is its own. */
export interface Kind {
  /** Empty for the core group. */
  group: string
  version: string
  kind: string
  plural: string
  singular?: string
  shortNames?: string[]
  categories?: string[]
  namespaced: boolean
  /** The published schema of the whole document. */
  definition?: string
  /** Where none is published: everything but apiVersion, kind and metadata. */
  schema?: Record<string, Schema>
  /** Defaults of those fields. */
  defaults?: Record<string, unknown>
  /** The schema as a CustomResourceDefinition writes it, by which its objects are validated. */
  openApi?: OpenApiSchema
  /** Where it is a view of what is stored as another version. */
  storage?: Storage
  /** Where a custom kind keeps what `scale` reads and writes. */
  scalePaths?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string }
  /** Takes fields that `schema` does not name. */
  isOpen?: boolean
  /** What a real API server says of it: verbs, names, columns. */
  published?: PublishedResource
  /** Nothing here acts on it: stored and shown, with a warning. */
  isInert?: boolean
  /** What a client is warned of with every request. */
  deprecation?: string
  /** `status` is written only through the subresource of that name; others are `log`, `exec`, `scale` … */
  subresources?: string[]
  /** Answers what is posted, and stores nothing. */
  review?: Review
  /** Comes from a CustomResourceDefinition in a real cluster, and so takes no strategic merge patch. */
  isCustom?: boolean
  /** Counts changes of the spec in `metadata.generation`. */
  countsGenerations?: boolean
  /** Keeps a `status` that came with a create. */
  createsStatus?: boolean
  /** Names that are not DNS subdomains, e.g. labels of DNS only, or Calico's. Default `subdomain`. */
  nameRule?: 'subdomain' | 'label' | 'service'
  /** What comes before defaults and validation. */
  prepare?: Admission
  /** Defaults and validation, in order; run for every create and every change. */
  admit?: Admission[]
  /** Fields besides metadata.name and metadata.namespace that a fieldSelector may name. */
  fieldSelectors?: string[]
  /** Whether a fieldSelector may name metadata.namespace; most kinds of the cluster bear it, too. Default true. */
  isSelectedByNamespace?: boolean
  /** Further columns of `kubectl get`; name and age are always there. */
  columns?: Column[]
}

/** How a kind is kept as another version of it. */
export interface Storage {
  resource: string
  load(stored: KubernetesObject): KubernetesObject
  save(object: KubernetesObject): KubernetesObject
}

/** Changes `object` in place (defaults) and adds causes for what is wrong. */
export type Admission = (request: AdmissionRequest) => void

export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE'
  object: KubernetesObject
  old?: KubernetesObject
  subresource?: string
  causes: Cause[]
  warnings: string[]
  /** IP families of the cluster, the first of which is given where none is asked for. */
  families: IpVersion[]
  /** What the store holds, for checks that look at other objects. */
  list(resource: string, namespace?: string): KubernetesObject[]
}

export interface Column {
  name: string
  type?: 'string' | 'integer' | 'boolean' | 'date'
  /** `name` for the column that names the object. */
  format?: string
  /** Shown only with `-o wide`. */
  wide?: boolean
  value(object: KubernetesObject): string | number | boolean
}

export function groupVersion(kind: Pick<Kind, 'group' | 'version'>): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version
}

/** `api/v1/pods`: the key of the kind in the store and in the log. */
export function resourceOf(kind: Kind): string {
  return kind.storage?.resource ?? pathOf(kind)
}

/** An object of the store as this kind shows it. */
export function loaded(kind: Kind, stored: KubernetesObject): KubernetesObject {
  return kind.storage ? kind.storage.load(stored) : stored
}

/** `api/v1/pods`: the path at which the kind is served. */
export function pathOf(kind: Pick<Kind, 'group' | 'version' | 'plural'>): string {
  return `${kind.group ? 'apis' : 'api'}/${groupVersion(kind)}/${kind.plural}`
}
