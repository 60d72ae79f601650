import type { KubernetesObject } from '../../kubernetes-object.ts'

/** `api/v1` or `apis/GROUP/VERSION`, and the plural: enough to form every path of a kind. */
export interface ResourceType {
  groupVersion: string
  plural: string
  namespaced: boolean
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: KubernetesObject
}

export interface ObjectRef {
  name: string
  namespace?: string
}

/** A local copy of one kind, kept by the API server's log. */
export interface Informer {
  /** Resolves when the first state has been taken in and `onChange` was called for all of it. */
  readonly synced: Promise<void>
  /** Objects are shared with every other reader: never change one. */
  list(): KubernetesObject[]
  get(name: string, namespace?: string): KubernetesObject | undefined
  stop(): void
}

export interface DeleteOptions {
  gracePeriodSeconds?: number
  /** Guards against deleting a successor of the same name (409). */
  uid?: string
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
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
  patch(type: ResourceType, ref: ObjectRef, patch: object, subresource?: string): Promise<KubernetesObject>
  delete(type: ResourceType, ref: ObjectRef, options?: DeleteOptions): Promise<void>
  /** `onChange` is called after the copy has changed, first with ADDED for what the first state held. */
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

/** Whether an error is an `ApiError` with that HTTP code. */
export function isApiError(error: unknown, code: number): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}
