import type { KubernetesObject } from '../kubernetes-object.ts'

/** `/api/v1` or `/apis/GROUP/VERSION`, and the plural: enough to form every path of a kind. */
export interface ResourceType {
  groupVersion: string
  plural: string
  namespaced: boolean
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: KubernetesObject
}

/** A local copy of one kind, kept by list and watch over the API server's socket. */
export interface Informer {
  /** Resolves when the first list has been taken in. */
  readonly synced: Promise<void>
  list(): KubernetesObject[]
  get(name: string, namespace?: string): KubernetesObject | undefined
  stop(): void
}

/**
 * The API as the node agent and the controllers see it. Errors are `ApiError` with the HTTP code.
 * All informers of one client are fed by one ordered stream of the API server's log, so that `revision` says how
 * far every one of them has come.
 */
export interface ApiClient {
  /** resourceVersion up to which every informer's copy is complete. */
  readonly revision: number
  /** Called after each batch of the log has been taken in, also when it held nothing that any informer keeps. */
  onRevision(listener: (revision: number) => void): () => void
  list(
    type: ResourceType,
    namespace?: string,
  ): Promise<{ items: KubernetesObject[]; resourceVersion: string }>
  get(type: ResourceType, name: string, namespace?: string): Promise<KubernetesObject>
  create(type: ResourceType, object: KubernetesObject): Promise<KubernetesObject>
  /** JSON merge patch (RFC 7386); `subresource` is e.g. `status`. */
  patch(
    type: ResourceType,
    ref: { name: string; namespace?: string },
    patch: object,
    subresource?: string,
  ): Promise<KubernetesObject>
  delete(
    type: ResourceType,
    ref: { name: string; namespace?: string },
    options?: { gracePeriodSeconds?: number },
  ): Promise<void>
  /** `onChange` is called after the copy has changed, first with ADDED for what the first list held. */
  inform(type: ResourceType, onChange?: (event: WatchEvent) => void): Informer
  close(): void
}

/**
 * A component of the node agent that turns API objects into kernel or file state: felix, the Service rules, DNS.
 * The cluster is settled at a revision once every component's `programmed` has resolved for it.
 */
export interface Programmer {
  /** Resolves when all that the log held up to `revision` is in force on every node; rejects with the reason. */
  programmed(revision: number): Promise<void>
  stop(): Promise<void>
}

export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

const core = (plural: string, namespaced = true): ResourceType => ({
  groupVersion: 'api/v1',
  plural,
  namespaced,
})
const calico = (plural: string, namespaced = true): ResourceType => ({
  groupVersion: 'apis/projectcalico.org/v3',
  plural,
  namespaced,
})

/** The kinds that the node agent and the controllers work with. */
export const resources = {
  namespaces: core('namespaces', false),
  nodes: core('nodes', false),
  pods: core('pods'),
  services: core('services'),
  configMaps: core('configmaps'),
  serviceAccounts: core('serviceaccounts'),
  events: core('events'),
  endpointSlices: { groupVersion: 'apis/discovery.k8s.io/v1', plural: 'endpointslices', namespaced: true },
  deployments: { groupVersion: 'apis/apps/v1', plural: 'deployments', namespaced: true },
  replicaSets: { groupVersion: 'apis/apps/v1', plural: 'replicasets', namespaced: true },
  networkPolicies: { groupVersion: 'apis/networking.k8s.io/v1', plural: 'networkpolicies', namespaced: true },
  calicoNetworkPolicies: calico('networkpolicies'),
  globalNetworkPolicies: calico('globalnetworkpolicies', false),
  tiers: calico('tiers', false),
} satisfies Record<string, ResourceType>
