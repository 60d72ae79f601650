import { existsSync } from 'node:fs'
import { chmod, chown, lstat, mkdir, readdir } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import { messageOf } from '../../errors.ts'
import { command } from '../../kernel/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { parseQuantity } from '../quantity.ts'
import { contentOf, type EnvSources, type Lookup } from './container-env.ts'
import { ContainerConfigError, type ContainerFields } from './container-fields.ts'
import { fieldValue, resourceValue } from './downward-api.ts'
import type { NodeFiles } from './node-files.ts'
import { type Payload, writePayload } from './payload.ts'

export interface VolumeSources extends EnvSources {
  /** Directory of a bound claim on the node; null where there is none. */
  claim(name: string): string | null
  /** A token by which the pod's service account is known to the API; null where the API gives none. */
  token(request: { audience?: string; expirationSeconds?: number }): Promise<string | null>
}

/** A pod's volumes on its node. */
export class PodVolumes {
  private readonly paths = new Map<string, string>()
  private readonly readonly = new Set<string>()

  constructor(
    private readonly pod: KubernetesObject,
    private readonly directory: string,
    private readonly node: NodeFiles,
  ) {}

  /** Makes every volume. Throws `ContainerConfigError` for one that cannot be had. */
  async write(sources: VolumeSources): Promise<void> {
    for (const volume of (this.pod.spec.volumes ?? []) as ContainerFields[]) {
      const path = await this.writeVolume(volume, sources).catch((error: unknown) => {
        throw new ContainerConfigError(
          `MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(error)}`,
        )
      })
      this.paths.set(volume.name, path)
    }
  }

  /** Takes over volumes that were made by another process. Throws for one that cannot be had any more. */
  async adopt(sources: VolumeSources): Promise<void> {
    for (const { name, emptyDir } of (this.pod.spec.volumes ?? []) as ContainerFields[]) {
      const path = join(this.directory, name)
      if (emptyDir && existsSync(path)) this.paths.set(name, path)
    }
    await this.write(sources)
  }

  /** Writes again what may have changed since: ConfigMaps, Secrets and the pod's own labels. */
  async refresh(sources: VolumeSources): Promise<void> {
    for (const volume of this.pod.spec.volumes ?? []) {
      const path = this.paths.get(volume.name)
      const payload = path && (await payloadOf(this.pod, volume, sources))
      if (payload) await this.fill(path, payload)
    }
  }

  /** Path on the node. Throws `ContainerConfigError` for a name that the pod does not have. */
  pathOf(name: string): string {
    const path = this.paths.get(name)
    if (!path) throw new ContainerConfigError(`volume "${name}" is not in the pod's volumes`)
    return path
  }

  /** Those on the node's disk: what is in memory counts as memory. */
  emptyDirs(): Map<string, string> {
    const volumes: ContainerFields[] = this.pod.spec.volumes ?? []
    const onDisk = volumes.filter(
      ({ emptyDir, name }) => emptyDir && emptyDir.medium !== 'Memory' && this.paths.has(name),
    )
    return new Map(onDisk.map(({ name }) => [name, this.paths.get(name)!]))
  }

  /** Whether nobody may write to it, whatever a container asks for. */
  isReadOnly(name: string): boolean {
    return this.readonly.has(name)
  }

  async remove(): Promise<void> {
    for (const { name, emptyDir } of (this.pod.spec.volumes ?? []) as ContainerFields[]) {
      if (emptyDir?.medium !== 'Memory') continue
      // It may never have been mounted, or by another process.
      await command(['umount', '--lazy', join(this.directory, name)]).catch(() => '')
    }
  }

  private async writeVolume(volume: ContainerFields, sources: VolumeSources): Promise<string> {
    if (volume.hostPath) {
      const { path, readonly } = await this.node.hostPath(volume.hostPath)
      if (readonly) this.readonly.add(volume.name)
      return path
    }
    if (volume.persistentVolumeClaim) return this.claimed(volume.persistentVolumeClaim.claimName, sources)
    const path = join(this.directory, volume.name)
    // What is in it outlives the pod's sandbox.
    if (volume.emptyDir && this.paths.has(volume.name)) return path
    await mkdir(path, { recursive: true, mode: 0o755 })
    const payload = await payloadOf(this.pod, volume, sources)
    if (payload) {
      // What the API says is not for a container to change.
      this.readonly.add(volume.name)
      await this.fill(path, payload)
    } else await this.makeEmpty(path, volume.emptyDir ?? {})
    return path
  }

  private async claimed(name: string, sources: VolumeSources): Promise<string> {
    const path = sources.claim(name)
    if (path === null) throw new ContainerConfigError(`persistentvolumeclaim "${name}" not found`)
    await mkdir(path, { recursive: true, mode: 0o755 })
    await chmod(path, 0o777)
    const { fsGroup } = this.pod.spec.securityContext ?? {}
    if (fsGroup !== undefined) await giveToGroup(path, fsGroup)
    return path
  }

  private async fill(path: string, payload: Payload): Promise<void> {
    await writePayload(path, payload)
    const { fsGroup } = this.pod.spec.securityContext ?? {}
    if (fsGroup !== undefined) await giveToGroup(path, fsGroup)
  }

  /** In memory a volume is a file system of its size; on disk the kubelet watches that it keeps to it. */
  private async makeEmpty(path: string, { medium, sizeLimit }: ContainerFields): Promise<void> {
    if (medium === 'Memory') {
      const size = sizeLimit === undefined ? [] : [`size=${Math.ceil(parseQuantity(sizeLimit))}`]
      await command(['mount', '-t', 'tmpfs', '-o', ['mode=777', ...size].join(','), 'tmpfs', path])
    }
    await chmod(path, 0o777)
    const { fsGroup } = this.pod.spec.securityContext ?? {}
    if (fsGroup !== undefined) await giveToGroup(path, fsGroup)
  }
}

/** The files of a volume that is made of API objects; null for one of another kind. */
async function payloadOf(
  pod: KubernetesObject,
  volume: ContainerFields,
  sources: VolumeSources,
): Promise<Payload | null> {
  if (volume.projected) return projected(pod, volume.projected, sources)
  const mode = (volume.configMap ?? volume.secret ?? volume.downwardAPI)?.defaultMode ?? 0o644
  const { configMap, secret, downwardAPI } = volume
  if (configMap) return keyed(pod, { kind: 'configmap', ref: configMap, mode }, sources.configMap)
  if (secret) {
    const ref = { ...secret, name: secret.secretName }
    return keyed(pod, { kind: 'secret', ref, mode }, sources.secret)
  }
  return downwardAPI ? downward(pod, downwardAPI, mode, sources) : null
}

async function projected(
  pod: KubernetesObject,
  { sources: parts = [], defaultMode: mode = 0o644 }: ContainerFields,
  sources: VolumeSources,
): Promise<Payload> {
  const payload: Payload = new Map()
  const add = (files: Payload) => {
    for (const [path, file] of files) payload.set(path, file)
  }
  for (const part of parts) {
    if (part.configMap) add(keyed(pod, { kind: 'configmap', ref: part.configMap, mode }, sources.configMap))
    if (part.secret) add(keyed(pod, { kind: 'secret', ref: part.secret, mode }, sources.secret))
    if (part.downwardAPI) add(downward(pod, part.downwardAPI, mode, sources))
    if (part.serviceAccountToken) {
      const token = await sources.token(part.serviceAccountToken)
      if (token === null) throw new ContainerConfigError('the API server of this cluster issues no tokens')
      payload.set(part.serviceAccountToken.path, { content: token, mode })
    }
  }
  return payload
}

interface KeyedSource {
  kind: 'configmap' | 'secret'
  ref: ContainerFields
  mode: number
}

function keyed(pod: KubernetesObject, { kind, ref, mode }: KeyedSource, lookup: Lookup): Payload {
  const found = lookup(ref.name, pod.metadata.namespace)
  if (!found && !ref.optional) throw new ContainerConfigError(`${kind} "${ref.name}" not found`)
  const content = found ? contentOf(found) : {}
  const items: { key: string; path: string; mode?: number }[] =
    ref.items ?? Object.keys(content).map((key) => ({ key, path: key }))
  const payload: Payload = new Map()
  for (const item of items) {
    const bytes = Object.hasOwn(content, item.key) ? content[item.key] : undefined
    if (bytes) payload.set(inside(item.path), { content: bytes, mode: item.mode ?? mode })
    else if (!ref.optional) throw new ContainerConfigError(`${kind} "${ref.name}" has no key "${item.key}"`)
  }
  return payload
}

function downward(
  pod: KubernetesObject,
  { items = [] }: ContainerFields,
  mode: number,
  { place }: VolumeSources,
): Payload {
  return new Map(
    items.map(({ path, fieldRef, resourceFieldRef, mode: own }: ContainerFields) => {
      const named = pod.spec.containers.find(
        ({ name }: ContainerFields) => name === resourceFieldRef?.containerName,
      )
      const content = fieldRef
        ? fieldValue(pod, fieldRef.fieldPath, place)
        : resourceValue(named ?? {}, resourceFieldRef, place)
      if (content === undefined)
        throw new ContainerConfigError(`unsupported fieldPath: ${fieldRef.fieldPath}`)
      return [inside(path), { content, mode: own ?? mode }] as const
    }),
  )
}

/** A path that cannot leave its volume. */
function inside(path: string): string {
  return normalize(`/${path}`).slice(1)
}

/** The pod's group may read everything of a volume and write what its owner may; new files are the group's too. */
async function giveToGroup(path: string, gid: number): Promise<void> {
  const entry = await lstat(path)
  if (entry.isSymbolicLink()) return
  try {
    await chown(path, entry.uid, gid)
  } catch {
    throw new ContainerConfigError(
      `fsGroup ${gid}: that group ID is not mapped here; install uidmap and give this user a range in /etc/subgid`,
    )
  }
  if (!entry.isDirectory()) return chmod(path, (entry.mode & 0o777) | ((entry.mode & 0o600) >> 3))
  await chmod(path, (entry.mode & 0o777) | 0o2770)
  for (const name of await readdir(path)) await giveToGroup(join(path, name), gid)
}
