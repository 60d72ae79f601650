import { LabError } from '../errors.ts'
import { describeObject, type KubernetesObject } from '../kubernetes-object.ts'
import type { Resources } from './resources.ts'

/** The group people write, and the one that a Calico without its API server stores. */
const written = 'projectcalico.org/v3'
const stored = 'crd.projectcalico.org/v1'

/**
 * Calico objects on the cluster at hand. Where `projectcalico.org/v3` is served they pass as they are; where only
 * Calico's own CustomResourceDefinitions exist they are written to these with the defaults filled in, as calicoctl
 * does, because nothing on the server would.
 */
export class CalicoStorage {
  private version: Promise<string> | undefined

  constructor(private readonly resources: Resources) {}

  /** The apiVersion under which this cluster keeps objects of `apiVersion`. */
  async storedVersion(apiVersion: string): Promise<string> {
    if (apiVersion !== written) return apiVersion
    this.version ??= this.detect()
    const version = await this.version
    // Calico may be installed later by the same client.
    if (version === written && !(await this.resources.served(written))) this.version = undefined
    return version
  }

  async toStored(object: KubernetesObject): Promise<KubernetesObject> {
    const version = await this.storedVersion(object.apiVersion)
    return version === object.apiVersion ? object : toStorage(object)
  }

  /** The name under which an object of this name may be kept; policies of other tiers keep theirs. */
  async storedName(apiVersion: string, kind: string, name: string): Promise<string> {
    return (await this.storedVersion(apiVersion)) === stored && isPolicy(kind) && !name.includes('.')
      ? `default.${name}`
      : name
  }

  /** The inverse, as far as readers can tell. */
  restore(object: KubernetesObject): KubernetesObject {
    return object.apiVersion === stored ? fromStorage(object) : object
  }

  private async detect(): Promise<string> {
    if (await this.resources.served(written)) return written
    return (await this.resources.served(stored)) ? stored : written
  }
}

/** As calicoctl stores it: defaults filled in, a policy of the default tier under `default.NAME`. Pure. */
export function toStorage(object: KubernetesObject): KubernetesObject {
  const filled: KubernetesObject = { ...withDefaults(object), apiVersion: stored }
  const { name } = object.metadata
  if (!isPolicy(object.kind) || filled.spec.tier !== 'default' || name.startsWith('default.')) return filled
  return { ...filled, metadata: { ...object.metadata, name: `default.${name}` } }
}

/** The inverse of `toStorage`. */
export function fromStorage(object: KubernetesObject): KubernetesObject {
  const restored = { ...object, apiVersion: written }
  if (!isPolicy(object.kind)) return restored
  return {
    ...restored,
    metadata: { ...object.metadata, name: object.metadata.name.replace(/^default\./, '') },
  }
}

function isPolicy(kind: string): boolean {
  return /^(Staged)?(Global)?NetworkPolicy$/.test(kind)
}

/** What calicoctl fills in before it stores a policy or tier (libcalico-go, lib/clientv3). */
function withDefaults(object: KubernetesObject): KubernetesObject {
  if (object.kind === 'Tier') return { ...object, spec: { defaultAction: 'Deny', ...object.spec } }
  if (!isPolicy(object.kind)) return object
  const spec = object.spec ?? {}
  if (spec.types !== undefined && !Array.isArray(spec.types)) {
    throw new LabError({
      code: 'bad-input',
      message: `${describeObject(object)}: spec.types is no list`,
      hint: 'types: [Ingress, Egress]',
    })
  }
  return { ...object, spec: { ...spec, tier: spec.tier ?? 'default', types: spec.types ?? directions(spec) } }
}

/** Directions with rules; a policy without any rule isolates ingress. */
function directions(spec: { ingress?: unknown[]; egress?: unknown[] }): string[] {
  const ingress = (spec.ingress ?? []).length > 0
  const egress = (spec.egress ?? []).length > 0
  return [...(ingress || !egress ? ['Ingress'] : []), ...(egress ? ['Egress'] : [])]
}
