import { randomUUID } from 'node:crypto'
import type { IpVersion } from '../../cidr.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { apiTime } from '../api-time.ts'
import { admit } from './admit.ts'
import { decodeObject } from './decode-object.ts'
import { type DeleteOptions, deletionOf, isFinalized, requireMortal } from './deletion.ts'
import { isLarger, jsonEqual } from './json.ts'
import { type Kind, loaded, resourceOf } from './kind.ts'
import { KindCatalogue } from './kinds/index.ts'
import { trackUpdate } from './managed-fields.ts'
import { hasStatus, isNewGeneration, mergeUpdate, serverOwned } from './merge-update.ts'
import { applyPatch, type Patch } from './patch/index.ts'
import { randomSuffix } from './random-suffix.ts'
import { scaleOf, withScale } from './scale.ts'
import type { Selector } from './selector.ts'
import { ServiceAccountTokens } from './service-account-tokens.ts'
import {
  alreadyExists,
  badRequest,
  conflict,
  forbidden,
  methodNotAllowed,
  notFound,
  preconditionFailed,
  StatusError,
} from './status-error.ts'
import type { Store } from './store.ts'
import type { WriteOptions } from './write-options.ts'

/** Of the name that is asked for, a generated one keeps this much. */
const mostGenerated = 58

/** Where an object is: a kind, a namespace where the kind has one, and a name. */
export interface Target {
  kind: Kind
  namespace?: string
  name: string
  subresource?: string
}

/** The one path by which every kind is read and written. All of it is synchronous, so that nothing interleaves. */
export class Registry {
  readonly kinds: KindCatalogue

  readonly tokens: ServiceAccountTokens

  constructor(
    readonly store: Store,
    /** IP families of the cluster. */
    private readonly families: IpVersion[] = [4],
  ) {
    this.tokens = new ServiceAccountTokens(store)
    this.kinds = new KindCatalogue(store)
  }

  private get cluster() {
    return { store: this.store, families: this.families }
  }

  get({ kind, namespace, name }: Target): KubernetesObject {
    const found = this.stored(kind, namespace, name)
    if (!found) throw notFound(kind, name)
    return found
  }

  /** Reads or writes the number of replicas alone. */
  scale(target: Target, change: ((scale: object) => unknown) | null, options: WriteOptions): object {
    const workload = this.get(target)
    const { scalePaths } = target.kind
    if (!change) return scaleOf(workload, scalePaths)
    const scaled = withScale(workload, change(scaleOf(workload, scalePaths)), scalePaths)
    const written = { ...options, writtenPart: 'scale' }
    return scaleOf(this.replace({ ...target, subresource: undefined }, workload, scaled, written), scalePaths)
  }

  has({ kind, namespace, name }: Target): boolean {
    return this.store.get(resourceOf(kind), namespace, name) !== undefined
  }

  list(kind: Kind, namespace: string | undefined, selector: Selector): KubernetesObject[] {
    const stored = this.store.list(resourceOf(kind), namespace)
    const all = kind.storage ? stored.map((each) => loaded(kind, each)) : stored
    return all.filter(selector)
  }

  private stored(kind: Kind, namespace: string | undefined, name: string): KubernetesObject | undefined {
    const found = this.store.get(resourceOf(kind), namespace, name)
    return found && loaded(kind, found)
  }

  create(kind: Kind, namespace: string | undefined, body: unknown, options: WriteOptions): KubernetesObject {
    const object = decodeObject({ kind, namespace, body })
    const { metadata } = object
    // One that is no text is refused with all other types that are wrong.
    if (!metadata.name && metadata.generateName && typeof metadata.generateName === 'string')
      metadata.name = metadata.generateName.slice(0, mostGenerated) + randomSuffix()
    this.requireLiveNamespace(kind, namespace, metadata.name ?? '')
    for (const field of serverOwned) delete metadata[field]
    if (options.fieldManager) delete metadata.managedFields
    if (metadata.resourceVersion)
      throw badRequest('resourceVersion should not be set on objects to be created')
    metadata.uid = randomUUID()
    metadata.creationTimestamp = apiTime()
    if (kind.countsGenerations) metadata.generation = 1
    if (hasStatus(kind) && !kind.createsStatus) delete object.status
    admit({ kind, object, operation: 'CREATE', ...this.cluster, options })
    // As late as a real API server finds it: what is wrong with the object is said first.
    if (this.store.get(resourceOf(kind), namespace, metadata.name)) throw alreadyExists(kind, metadata.name)
    if (options.fieldManager) trackUpdate({ kind, object, manager: options.fieldManager })
    return this.commit(kind, object, options)
  }

  update(target: Target, body: unknown, options: WriteOptions): KubernetesObject {
    const old = this.get(target)
    const object = decodeObject({ ...target, body })
    return this.replace(target, old, object, options)
  }

  /** Applies a patch; server-side apply creates what is not there. */
  patch(target: Target, patch: Patch, options: WriteOptions): KubernetesObject {
    const { kind, namespace, name } = target
    const old = this.stored(kind, namespace, name)
    if (!old && (patch.type !== 'apply' || target.subresource)) throw notFound(kind, name)
    const { fieldManager: manager = 'unknown', force = false } = options
    const { subresource } = target
    const patched = applyPatch({ kind, old, patch, manager, force, subresource })
    // An apply has said in the object itself who owns what.
    const tracked = patch.type === 'apply' ? { ...options, fieldManager: undefined } : options
    if (!old) {
      const { uid } = (patched as KubernetesObject).metadata
      if (uid)
        throw conflict(
          kind,
          name,
          `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
        )
      return this.create(kind, namespace, patched, tracked)
    }
    return this.replace(target, old, decodeObject({ ...target, body: patched }), tracked)
  }

  /** Marks an object for deletion, or removes it where nothing holds it. Returns what is left or what was removed. */
  delete(
    target: Target,
    deletion: DeleteOptions,
    options: WriteOptions,
  ): { object: KubernetesObject; gone: boolean } {
    const { kind, name } = target
    requireMortal(kind, name)
    const old = this.get(target)
    const dryRun = options.dryRun || deletion.dryRun
    const { uid, resourceVersion } = deletion.preconditions ?? {}
    if (uid && uid !== old.metadata.uid)
      throw preconditionFailed(kind, name, mismatch('UID', uid, old.metadata.uid))
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
      const why = mismatch('ResourceVersion', resourceVersion, old.metadata.resourceVersion)
      throw preconditionFailed(kind, name, why)
    }
    const marked = deletionOf(kind, old, deletion)
    if (isFinalized(marked)) {
      // What nothing holds has never been marked.
      const last = kind.plural === 'pods' || old.metadata.deletionTimestamp ? marked : old
      const object = dryRun ? last : this.remove(kind, last)
      return { object, gone: true }
    }
    if (jsonEqual(marked, old)) return { object: old, gone: false }
    return { object: this.commit(kind, marked, { ...options, dryRun }), gone: false }
  }

  private replace(
    target: Target,
    old: KubernetesObject,
    object: KubernetesObject,
    options: WriteOptions,
  ): KubernetesObject {
    const { kind, name, subresource } = target
    const { metadata } = object
    if (metadata.resourceVersion && metadata.resourceVersion !== old.metadata.resourceVersion) {
      throw conflict(kind, name, changedMeanwhile)
    }
    if (metadata.uid && metadata.uid !== old.metadata.uid) {
      throw conflict(
        kind,
        name,
        `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`,
      )
    }
    const next = mergeUpdate({ kind, old, sent: object, subresource, isApply: !options.fieldManager })
    admit({ kind, object: next, old, operation: 'UPDATE', subresource, ...this.cluster, options })
    if (kind.countsGenerations && subresource !== 'status' && isNewGeneration(kind, next, old)) {
      next.metadata.generation = (old.metadata.generation ?? 0) + 1
    }
    if (options.fieldManager)
      trackUpdate({
        kind,
        object: next,
        old,
        manager: options.fieldManager,
        subresource: options.writtenPart ?? subresource,
      })
    if (jsonEqual(next, old)) return old
    if (next.metadata.deletionTimestamp && isFinalized(next)) {
      return options.dryRun ? next : this.remove(kind, next)
    }
    return this.commit(kind, next, options)
  }

  private commit(kind: Kind, object: KubernetesObject, options: WriteOptions): KubernetesObject {
    requireStorable(object)
    if (options.dryRun) return object
    return loaded(kind, this.store.put(resourceOf(kind), kind.storage?.save(object) ?? object))
  }

  private remove(kind: Kind, object: KubernetesObject): KubernetesObject {
    return loaded(kind, this.store.remove(resourceOf(kind), kind.storage?.save(object) ?? object))
  }

  private requireLiveNamespace(kind: Kind, namespace: string | undefined, name: string): void {
    if (!kind.namespaced) return
    if (!namespace) throw methodNotAllowed('an object of this kind is created within a namespace')
    const found = this.store.get('api/v1/namespaces', undefined, namespace)
    if (!found) throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, namespace)
    if (!found.metadata.deletionTimestamp) return
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`
    throw forbidden(kind, name, why, [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ])
  }
}

function mismatch(what: string, wanted: string, found: string | undefined): string {
  return `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). The object might have been deleted and then recreated`
}

/** What etcd takes for one request. */
const mostStoredBytes = 1.5 * 1024 * 1024

function requireStorable(object: KubernetesObject): void {
  if (isLarger(object, mostStoredBytes))
    throw new StatusError(413, 'RequestEntityTooLarge', 'etcdserver: request is too large')
}

const changedMeanwhile =
  'the object has been modified; please apply your changes to the latest version and try again'
