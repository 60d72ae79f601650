import { randomBytes } from 'node:crypto'
import type { ClusterSpec } from '../../cluster/index.ts'
import { LabError } from '../../errors.ts'
import type { OptionValues } from '../options.ts'

/** What a new cluster shall be like, from the flags. `nodes` is what stands where no flag says so. */
export function clusterSpec(
  options: OptionValues,
  { name, nodes, detached }: { name: string; nodes: number; detached: boolean },
): ClusterSpec {
  return {
    name: checkedName(name),
    nodes: options.nodes === undefined ? nodes : nodeCount(options.nodes),
    detached,
    ...(options.ipFamily && { ipFamily: options.ipFamily }),
    ...(options.calicoManifest && { calicoManifest: options.calicoManifest }),
    ...(options.cni && { cni: options.cni }),
    ...(options.nodeImage && { nodeImage: options.nodeImage }),
    ...(options.loadImage && { loadImages: options.loadImage }),
  }
}

/** A name that no other run has: `calico-basics-3f9a`. */
export function freshName(prefix: string): string {
  return `${prefix.slice(0, 24).replace(/-+$/, '')}-${randomBytes(2).toString('hex')}`
}

/** The name becomes a folder, a cgroup and the name of containers. */
function checkedName(name: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) return name
  throw new LabError({
    code: 'bad-input',
    message: `${JSON.stringify(name)} is no name for a cluster`,
    cause: 'it takes at most 32 of a-z, 0-9 and -, and neither begins nor ends with -',
    hint: '--name lab-1',
  })
}

function nodeCount(text: string): number {
  if (/^[1-9]$/.test(text)) return Number(text)
  throw new LabError({
    code: 'bad-input',
    message: `--nodes takes a number from 1 to 9, not ${JSON.stringify(text)}`,
    hint: '--nodes 2',
  })
}
