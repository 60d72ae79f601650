import type { IpVersion } from '../../cidr.ts'
import type { KubernetesObject, OwnerReference } from '../../kubernetes-object.ts'
import type { ApiClient, ResourceType } from '../api-client/index.ts'

export { selects } from '../label-selector.ts'
export { isReady as isReadyPod } from '../ready-condition.ts'

/** A loop that makes one part of the cluster so as its objects say. Driven by events alone. */
export interface Controller {
  /** Resolves once it has nothing to do. */
  idle(): Promise<void>
  stop(): void
}

export interface ControllerContext {
  /** The API under the controller's own name. */
  client(name: string): ApiClient
  /** PEM: by which pods trust the API server. */
  certificate: string
  /** IP families of the cluster, the first of which is the usual one. Default: IPv4. */
  families?: IpVersion[]
  /** How long a node may say nothing before it is taken for gone. Default: 50,000, as in a real cluster. */
  nodeGraceMs?: number
  /** How long a node has to be missing before its pods are deleted. Default: 40,000, as in a real cluster. */
  nodeQuarantineMs?: number
  /** Called with each kind that a CustomResourceDefinition adds later. */
  onType?(listener: (type: ResourceType) => void): void
  log(line: string): void
}

/** `namespace/name`, the key of an object in a work queue. */
export function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

export function splitKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** The owner that manages an object, if any. */
export function controllerOf({ metadata }: KubernetesObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find((owner) => owner.controller)
}

export function controllerReference(owner: KubernetesObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid!,
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Whether a pod counts as one: neither ended nor being deleted. */
export function isActivePod({ status, metadata }: KubernetesObject): boolean {
  return !metadata.deletionTimestamp && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
}
