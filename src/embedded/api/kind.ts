import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Schema } from './schema.ts'
import type { Cause } from './status-error.ts'

/** A kind is data: one generic path serves them all, and asks the kind only for what is its own. */
export interface Kind {
  /** Empty for the core group. */
  group: string
  version: string
  kind: string
  plural: string
  shortNames?: string[]
  categories?: string[]
  namespaced: boolean
  /** Everything but apiVersion, kind and metadata. */
  schema: Record<string, Schema>
  /** Fields of `schema` without which there is no such object. */
  required?: string[]
  /** `status` is written only through the subresource of that name; others are `log`, `exec`, `scale` … */
  subresources?: string[]
  /** Comes from a CustomResourceDefinition in a real cluster, and so takes no strategic merge patch. */
  isCustom?: boolean
  /** Counts changes of the spec in `metadata.generation`. */
  countsGenerations?: boolean
  /** Keeps a `status` that came with a create. */
  createsStatus?: boolean
  /** Names that are not DNS subdomains, e.g. labels of DNS only, or Calico's. Default `subdomain`. */
  nameRule?: 'subdomain' | 'label'
  /** Defaults and validation, in order; run for every create and every change. */
  admit?: Admission[]
  /** Fields besides metadata.name and metadata.namespace that a fieldSelector may name. */
  fieldSelectors?: string[]
  /** Further columns of `kubectl get`; name and age are always there. */
  columns?: Column[]
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
  /** What the store holds, for checks that look at other objects. */
  list(resource: string, namespace?: string): KubernetesObject[]
}

export interface Column {
  name: string
  type?: 'string' | 'integer' | 'date'
  /** Shown only with `-o wide`. */
  wide?: boolean
  value(object: KubernetesObject): string | number
}

export function groupVersion(kind: Kind): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version
}

/** `api/v1/pods`: the key of the kind in the store and in the log. */
export function resourceOf(kind: Kind): string {
  return `${kind.group ? 'apis' : 'api'}/${groupVersion(kind)}/${kind.plural}`
}
