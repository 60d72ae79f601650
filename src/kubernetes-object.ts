/** The shape every Kubernetes API object shares; typed views of a kind live with the code that reads it. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  // biome-ignore lint/suspicious/noExplicitAny: an API object's body is whatever its kind's schema says
  [field: string]: any
}

export interface ObjectMeta {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  // biome-ignore lint/suspicious/noExplicitAny: see KubernetesObject
  [field: string]: any
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** `Kind namespace/name`, the form in which every message names an object. */
export function describeObject(object: KubernetesObject): string {
  const { namespace, name } = object.metadata
  return `${object.kind} ${namespace ? `${namespace}/` : ''}${name}`
}
