import { type CgroupAccess, removeCgroup, setCgroupLimits } from '../../kernel/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { ContainerFields } from './container-request.ts'
import { cpuQuota, cpuShares, memoryLimit } from './pod-resources.ts'
import { qosClass } from './pod-status.ts'

const qosFolders = { Guaranteed: '', Burstable: '/burstable', BestEffort: '/besteffort' }

/** A pod's place in the kubelet's hierarchy: kubepods, its class where that is not Guaranteed, the pod, its containers. */
export class PodCgroup {
  private readonly path: string | undefined

  constructor(
    private readonly pod: KubernetesObject,
    access: CgroupAccess,
  ) {
    const folder = `kubepods${qosFolders[qosClass(pod)]}/pod${pod.metadata.uid}`
    this.path = access.parent === null ? undefined : `${access.parent}/${folder}`
  }

  containerPath(containerId: string): string | undefined {
    return this.path && `${this.path}/${containerId}`
  }

  /** What all containers may use together. Call it once the first of them has made the cgroup. */
  limit(): void {
    if (!this.path) return
    const containers = this.pod.spec.containers as ContainerFields[]
    const isBestEffort = qosClass(this.pod) === 'BestEffort'
    setCgroupLimits(this.path, {
      cpuShares: isBestEffort ? 2 : cpuShares(containers),
      cpuQuota: cpuQuota(containers),
      memoryBytes: memoryLimit(containers),
    })
  }

  remove(): void {
    if (this.path) removeCgroup(this.path)
  }
}
