import { command } from '../../kernel/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { parseQuantity } from '../quantity.ts'
import type { ContainerFields } from './container-fields.ts'

/** Bytes that a pod has written: each container's root file system, each emptyDir that is no memory. */
export interface StorageUsage {
  containers: Map<string, number>
  volumes: Map<string, number>
}

/** Directories by the names of the containers and volumes that write there. */
export interface StoragePaths {
  containers: Map<string, string>
  volumes: Map<string, string>
}

/** Asks once for all of them. */
export async function measureStorage({ containers, volumes }: StoragePaths): Promise<StorageUsage> {
  const paths = [...containers.values(), ...volumes.values()]
  if (paths.length === 0) return { containers: new Map(), volumes: new Map() }
  // What vanishes meanwhile makes du fail, and says nothing about the rest.
  const said = await command(['sh', '-c', 'du -sx -B1 -- "$@" 2>/dev/null || :', 'sh', ...paths])
  const sizes = new Map(said.split('\n').map((line) => line.split('\t').reverse() as [string, string]))
  const sized = (map: Map<string, string>) =>
    new Map([...map].map(([name, path]) => [name, Number(sizes.get(path) ?? 0)]))
  return { containers: sized(containers), volumes: sized(volumes) }
}

export function totalOf({ containers, volumes }: StorageUsage): number {
  return [...containers.values(), ...volumes.values()].reduce((total, bytes) => total + bytes, 0)
}

/** Whether a pod has a limit that has to be watched. */
export function hasStorageLimit({ spec }: KubernetesObject): boolean {
  const limits = (each: ContainerFields) => each.resources?.limits?.['ephemeral-storage'] !== undefined
  const sized = ({ emptyDir }: ContainerFields) =>
    emptyDir?.sizeLimit !== undefined && emptyDir.medium !== 'Memory'
  return spec.containers.some(limits) || (spec.volumes ?? []).some(sized)
}

/** Why a pod is evicted for what it alone has written, in the kubelet's words; null where it keeps to its limits. */
export function exceededLimit({ spec }: KubernetesObject, usage: StorageUsage): string | null {
  for (const { name, emptyDir } of (spec.volumes ?? []) as ContainerFields[]) {
    if (emptyDir?.sizeLimit === undefined) continue
    if ((usage.volumes.get(name) ?? 0) > parseQuantity(emptyDir.sizeLimit))
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${emptyDir.sizeLimit}". `
  }
  const limitOf = ({ resources }: ContainerFields): string | undefined =>
    resources?.limits?.['ephemeral-storage']
  const containers = spec.containers as ContainerFields[]
  for (const container of containers) {
    const limit = limitOf(container)
    if (limit !== undefined && (usage.containers.get(container.name) ?? 0) > parseQuantity(limit))
      return `Container ${container.name} exceeded its local ephemeral storage limit "${limit}". `
  }
  if (!containers.every(limitOf)) return null
  const limit = containers.reduce((total, each) => total + parseQuantity(limitOf(each)!), 0)
  if (totalOf(usage) <= limit) return null
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${limit}. `
}
