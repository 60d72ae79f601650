import { LabError } from '../errors.ts'
import { describeObject, type KubernetesObject } from '../kubernetes-object.ts'
import {
  admit,
  formatProblem,
  fromStorage,
  isCalicoPolicy,
  storedVersion as stored,
} from '../policy/index.ts'
import type { Resources } from './resources.ts'

/** The group people write. */
const written = 'projectcalico.org/v3'

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

  /**
   * The names under which an object may be kept, the likelier first: a policy of the default tier that an older Calico
   * stored stands under `default.NAME`.
   */
  async storedNames(apiVersion: string, kind: string, name: string): Promise<string[]> {
    const hasOlderName = isCalicoPolicy(kind) && !name.includes('.')
    return hasOlderName && (await this.storedVersion(apiVersion)) === stored
      ? [name, `default.${name}`]
      : [name]
  }

  /** The inverse, as far as readers can tell. */
  restore(object: KubernetesObject): KubernetesObject {
    return fromStorage(object)
  }

  private async detect(): Promise<string> {
    if (await this.resources.served(written)) return written
    return (await this.resources.served(stored)) ? stored : written
  }
}

/**
 * As calicoctl 3.32 stores it: under its own name, with the defaults filled in. Throws `bad-input` with all that
 * calicoctl would refuse, because the server refuses nothing and Calico then leaves such a policy out. Pure.
 */
export function toStorage(written: KubernetesObject): KubernetesObject {
  const { object, problems } = admit(written)
  if (problems.length === 0) return { ...object, apiVersion: stored }
  throw new LabError({
    code: 'bad-input',
    message: `${describeObject(written)} is not valid`,
    problems: problems.map((problem) => `${describeObject(written)}: ${formatProblem(problem)}`),
    hint: 'change what the problem names, then run again',
  })
}
