import {
  type CgroupAccess,
  type CgroupLimits,
  makeCgroup,
  removeCgroup,
  setCgroupLimits,
} from '../../kernel/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { qosClass } from '../qos-class.ts'
import { podLimits } from './pod-resources.ts'

const qosFolders = { Guaranteed: '', Burstable: '/burstable', BestEffort: '/besteffort' }
const fewestShares = 2
/** What kubelets are commonly told as podPidsLimit: a fork bomb stays in its pod. */
const podPidsLimit = 1024

/** The kubelet's hierarchy on one node: kubepods, the classes of service below it, and in them the pods. */
export class NodeCgroups {
  /** Where it begins; null where no cgroups can be made. */
  private readonly root: string | null
  private readonly burstable = new Map<string, number>()

  constructor(access: CgroupAccess, node: string) {
    this.root = access.parent && `${access.parent}/${node}/kubepods`
  }

  /** Holds all pods together to what the node has to give, as kubelets do (enforceNodeAllocatable). */
  begin(limits: CgroupLimits): void {
    if (!this.root) return
    makeCgroup(this.root)
    setCgroupLimits(this.root, limits)
  }

  of(pod: KubernetesObject): PodCgroup {
    const folder = this.root && `${this.root}${qosFolders[qosClass(pod.spec)]}/pod${pod.metadata.uid}`
    return new PodCgroup(pod, folder, this)
  }

  /** Burstable pods share what they request in all, those of best effort what is left. */
  took(pod: KubernetesObject): void {
    if (qosClass(pod.spec) === 'Burstable') this.burstable.set(pod.metadata.uid!, podLimits(pod).cpuShares)
    this.share()
  }

  gave(pod: KubernetesObject): void {
    if (this.burstable.delete(pod.metadata.uid!)) this.share()
  }

  private share(): void {
    if (!this.root) return
    const requested = [...this.burstable.values()].reduce((total, shares) => total + shares, 0)
    setCgroupLimits(`${this.root}/besteffort`, { cpuShares: fewestShares })
    setCgroupLimits(`${this.root}/burstable`, { cpuShares: Math.max(fewestShares, requested) })
  }
}

/** A pod's place in the hierarchy; its containers are below it. */
export class PodCgroup {
  constructor(
    private readonly pod: KubernetesObject,
    private readonly path: string | null,
    private readonly node: NodeCgroups,
  ) {}

  containerPath(containerId: string): string | undefined {
    return this.path === null ? undefined : `${this.path}/${containerId}`
  }

  /** Makes it, with what all containers may use together. */
  create(): void {
    if (!this.path) return
    makeCgroup(this.path)
    setCgroupLimits(this.path, { ...podLimits(this.pod), pids: podPidsLimit })
    this.node.took(this.pod)
  }

  remove(): void {
    if (!this.path) return
    this.node.gave(this.pod)
    removeCgroup(this.path)
  }
}
