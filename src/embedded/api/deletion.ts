import type { KubernetesObject } from '../../kubernetes-object.ts'
import { jsonCopy } from './json.ts'
import type { Kind } from './kind.ts'
import { forbidden } from './status-error.ts'

/** metav1.DeleteOptions, as far as it is served. */
export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  preconditions?: { uid?: string; resourceVersion?: string }
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
  if (!metadata.deletionTimestamp || graceSeconds < (metadata.deletionGracePeriodSeconds ?? 0)) {
    metadata.deletionGracePeriodSeconds = graceSeconds
    metadata.deletionTimestamp = timestamp(Date.now() + graceSeconds * 1000)
    if (kind.countsGenerations) metadata.generation = (metadata.generation ?? 0) + 1
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

function timestamp(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z')
}
