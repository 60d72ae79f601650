import type { KubernetesObject } from '../../kubernetes-object.ts'
import { apiTime } from '../api-time.ts'
import { decodeBySchema } from './check-schema.ts'
import { isObject, jsonCopy } from './json.ts'
import type { Kind } from './kind.ts'
import { publishedSchema } from './published/index.ts'
import { badRequest, forbidden, invalidOption } from './status-error.ts'

/** metav1.DeleteOptions, as far as it is served. */
export interface DeleteOptions {
  dryRun?: boolean
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  preconditions?: { uid?: string; resourceVersion?: string }
}

/** The options of a deletion as a body has them; throws 400 and 422 for what they cannot be. */
export function parseDeleteOptions(body: unknown): DeleteOptions {
  if (body === undefined || body === null) return {}
  const { undecodable } = decodeBySchema(body, publishedSchema(definition))
  if (!isObject(body) || undecodable.length) throw badRequest(`DeleteOptions: ${undecodable.join(', ')}`)
  const { dryRun, propagationPolicy, gracePeriodSeconds, preconditions } = body as Sent
  requireDryRun(dryRun ?? [])
  requirePropagation(propagationPolicy)
  return {
    dryRun: Boolean(dryRun?.length),
    propagationPolicy: propagationPolicy as DeleteOptions['propagationPolicy'],
    gracePeriodSeconds: gracePeriodSeconds ?? undefined,
    preconditions: preconditions ?? undefined,
  }
}

const definition = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'

interface Sent {
  dryRun?: string[] | null
  propagationPolicy?: string | null
  gracePeriodSeconds?: number | null
  preconditions?: DeleteOptions['preconditions'] | null
}

function requireDryRun(dryRun: string[]): void {
  if (dryRun.every((each) => each === 'All')) return
  const message = `Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`
  throw invalidOption('DeleteOptions', { reason: 'FieldValueNotSupported', message, field: 'dryRun' })
}

/** Throws 422 for a policy that is none. */
export function requirePropagation(policy: string | null | undefined): void {
  if (!policy || policy in propagationFinalizers) return
  const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`
  throw invalidOption('DeleteOptions', {
    reason: 'FieldValueNotSupported',
    message,
    field: 'propagationPolicy',
  })
}

/**
 * The object as a deletion leaves it: marked, with its grace, and with the finalizer of its propagation policy.
 * Only a pod that a kubelet may still run has a grace.
 */
export function deletionOf(kind: Kind, old: KubernetesObject, options: DeleteOptions): KubernetesObject {
  const object = jsonCopy(old)
  const { metadata } = object
  const graceSeconds = kind.plural === 'pods' ? podGrace(old, options) : 0
  const finalizer = propagationFinalizers[options.propagationPolicy ?? defaultPropagation(kind)]
  if (finalizer && !metadata.finalizers?.includes(finalizer)) {
    metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
  }
  if (kind.countsGenerations && !metadata.deletionTimestamp)
    metadata.generation = (metadata.generation ?? 0) + 1
  if (!metadata.deletionTimestamp || graceSeconds < (metadata.deletionGracePeriodSeconds ?? 0)) {
    // A namespace has none, in so many words.
    if (kind.kind !== 'Namespace') metadata.deletionGracePeriodSeconds = graceSeconds
    metadata.deletionTimestamp = apiTime(new Date(Date.now() + graceSeconds * 1000))
  }
  if (kind.kind === 'Namespace' && !kind.group) object.status = { ...object.status, phase: 'Terminating' }
  return object
}

/** Throws 403 for the namespaces that every cluster has. */
export function requireMortal(kind: Kind, name: string): void {
  if (kind.kind === 'Namespace' && immortal.includes(name)) {
    throw forbidden(kind, name, 'this namespace may not be deleted')
  }
}

/** Whether nothing holds an object that is marked for deletion: no grace, no finalizer. */
export function isFinalized({ metadata, spec, kind }: KubernetesObject): boolean {
  if (metadata.deletionGracePeriodSeconds) return false
  if (kind === 'Namespace' && spec?.finalizers?.length) return false
  return !metadata.finalizers?.length
}

/** What batch/v1 has always done: a Job that is deleted without a word leaves its pods. */
function defaultPropagation({ kind, group }: Kind): NonNullable<DeleteOptions['propagationPolicy']> {
  return kind === 'Job' && group === 'batch' ? 'Orphan' : 'Background'
}

const immortal = ['default', 'kube-system', 'kube-public']

const propagationFinalizers = { Background: undefined, Foreground: 'foregroundDeletion', Orphan: 'orphan' }

function podGrace({ spec, status }: KubernetesObject, options: DeleteOptions): number {
  const isRunning = spec.nodeName && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
  if (!isRunning) return 0
  return Math.max(0, options.gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30)
}
