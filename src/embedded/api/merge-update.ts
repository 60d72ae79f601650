import type { KubernetesObject } from '../../kubernetes-object.ts'
import { jsonCopy, jsonEqual } from './json.ts'
import type { Kind } from './kind.ts'
import { areManagers, forgetsManagers } from './managed-fields.ts'

/** Fields that a client may send back and the server alone decides. */
export const serverOwned = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'selfLink',
]

export interface Update {
  kind: Kind
  old: KubernetesObject
  sent: KubernetesObject
  subresource?: string
  /** Server-side apply has said in what is sent who owns what. */
  isApply: boolean
}

/** What an update makes of the old object: the status belongs to its subresource, and the rest to the main one. */
export function mergeUpdate({ kind, old, sent, subresource, isApply }: Update): KubernetesObject {
  if (subresource === 'status') {
    const next: KubernetesObject = { ...old, metadata: { ...old.metadata } }
    if (sent.status !== undefined) next.status = sent.status
    if (isApply) next.metadata.managedFields = sent.metadata.managedFields
    // The strategy of a real API server resets spec and labels only, and the rollout's notes come with the status.
    if (kind.kind === 'Deployment') next.metadata.annotations = sent.metadata.annotations
    return jsonCopy(next)
  }
  if (subresource === 'ephemeralcontainers') {
    return jsonCopy({ ...old, spec: { ...old.spec, ephemeralContainers: sent.spec?.ephemeralContainers } })
  }
  if (subresource === 'finalize') return { ...jsonCopy(old), spec: sent.spec }
  const metadata = { ...sent.metadata }
  for (const field of [...serverOwned, 'resourceVersion', 'generateName']) {
    if (old.metadata[field] === undefined) delete metadata[field]
    else metadata[field] = old.metadata[field]
  }
  if (forgetsManagers(metadata.managedFields)) delete metadata.managedFields
  else if (!areManagers(metadata.managedFields)) metadata.managedFields = old.metadata.managedFields
  const next: KubernetesObject = jsonCopy({ ...sent, metadata })
  if (hasStatus(kind)) {
    if (old.status === undefined) delete next.status
    else next.status = old.status
  }
  return next
}

/** A Deployment counts its annotations too: a rollout keeps notes there. */
export function isNewGeneration({ kind }: Kind, next: KubernetesObject, old: KubernetesObject): boolean {
  if (kind === 'Deployment' && !jsonEqual(next.metadata.annotations ?? {}, old.metadata.annotations ?? {}))
    return true
  if (kind === 'EndpointSlice' && !jsonEqual(next.metadata.labels ?? {}, old.metadata.labels ?? {}))
    return true
  if (kind === 'Pod') return !jsonEqual(bodyOf(bound(next, old)), bodyOf(old))
  return !jsonEqual(bodyOf(next), bodyOf(old))
}

/** A binding is no new generation of a pod. */
function bound(next: KubernetesObject, old: KubernetesObject): KubernetesObject {
  if (old.spec.nodeName || !next.spec.nodeName) return next
  const { nodeName: _nodeName, ...spec } = next.spec
  return { ...next, spec }
}

function bodyOf({ metadata: _metadata, status: _status, ...body }: KubernetesObject): object {
  return body
}

/** Whether its status is written through a subresource of that name alone. */
export function hasStatus(kind: Kind): boolean {
  return kind.subresources?.includes('status') ?? false
}
