import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ProcessRef, refTo } from '../../process-ref.ts'
import type { PodAttachment } from '../network/index.ts'
import type { FoundContainer, Sandbox } from '../runtime/index.ts'
import type { KubeletContext } from './kubelet-context.ts'
import type { PodCgroup } from './pod-cgroup.ts'
import type { PodFiles } from './pod-files.ts'
import type { PodSources } from './pod-sources.ts'
import { podSysctls } from './sysctls.ts'

export interface PodSandboxParts {
  context: KubeletContext
  files: PodFiles
  sources: PodSources
  cgroup: PodCgroup
  hostname: string
  /** The pod's addresses are known, or known no more. */
  changed(): void
  /** The sandbox has ended although nobody removed it. */
  lost(): void
}

/** What another process has left of a sandbox. */
export interface FoundSandbox {
  attachment: PodAttachment | null
  sandbox: FoundContainer | null
}

/** What a pod's containers share: the runtime's sandbox, the pod's place in the network, its files. */
export class PodSandbox {
  /** One of each family; empty while the pod has none. */
  addresses: string[] = []
  private attachment: PodAttachment | null = null
  private sandbox: Sandbox | null = null
  private process: ProcessRef | null = null
  private isAlive = false

  constructor(
    private readonly pod: KubernetesObject,
    private readonly parts: PodSandboxParts,
  ) {}

  get isReady(): boolean {
    return this.isAlive
  }

  /** Name of the network namespace, while there is a sandbox. */
  get netns(): string | undefined {
    if (!this.isAlive) return undefined
    return this.pod.spec.hostNetwork ? this.parts.context.node.name : this.attachment?.netns
  }

  /** Throws what is missing; `abandon` then takes back what was done of it. */
  async start(): Promise<Sandbox> {
    const { context, files, sources, cgroup, hostname } = this.parts
    const { runtime } = context
    const id = runtime.newId()
    const netns = await this.attach(id)
    await files.write(sources.forVolumes(this.addresses))
    cgroup.create()
    const { shareProcessNamespace, hostIPC } = this.pod.spec
    const sandbox = await runtime.runSandbox(id, {
      hostname,
      netns,
      cgroupsPath: cgroup.containerPath(id),
      sharesProcesses: shareProcessNamespace === true,
      sharesNodeIpc: hostIPC === true,
      sysctls: podSysctls(this.pod, runtime),
    })
    this.process = refTo(sandbox.pid)
    return this.follow(sandbox)
  }

  /** What another process needs to go on from here. */
  get checkpoint(): FoundSandbox {
    const { attachment, sandbox, process } = this
    return { attachment, sandbox: sandbox && process && { id: sandbox.id, process } }
  }

  /** Takes over what another process has left, if it is whole; `lost` is called soon where it runs no longer. */
  async adopt({ attachment, sandbox: found }: FoundSandbox): Promise<Sandbox | null> {
    const { context, cgroup, hostname } = this.parts
    const { network, node, runtime } = context
    this.attachment = attachment
    if (attachment) network.adopt(attachment)
    const netns = this.pod.spec.hostNetwork ? node.name : attachment?.netns
    if (!found || netns === undefined) {
      await this.detach()
      return null
    }
    this.addresses = attachment?.addresses ?? node.addresses
    this.process = found.process
    cgroup.create()
    return this.follow(runtime.adoptSandbox(found, { hostname, netns }))
  }

  /** After a start that failed: the pod has no address. */
  async abandon(): Promise<void> {
    await this.detach()
    this.addresses = []
    this.parts.changed()
  }

  /** Takes down what there is of it; that there is nothing is no error. */
  async remove(): Promise<void> {
    const { sandbox } = this
    this.sandbox = null
    this.isAlive = false
    await this.detach()
    if (sandbox) await this.parts.context.runtime.removeSandbox(sandbox)
  }

  private follow(sandbox: Sandbox): Sandbox {
    this.sandbox = sandbox
    this.isAlive = true
    void sandbox.exited.then(() => this.onExit(sandbox))
    return sandbox
  }

  private onExit(sandbox: Sandbox): void {
    if (this.sandbox !== sandbox) return
    this.isAlive = false
    this.parts.lost()
  }

  /** Name of the network namespace that the sandbox joins. */
  private async attach(sandboxId: string): Promise<string> {
    const { context, changed } = this.parts
    const { network, node } = context
    if (this.pod.spec.hostNetwork) {
      this.addresses = node.addresses
      changed()
      return node.name
    }
    const { namespace = 'default', name } = this.pod.metadata
    this.attachment = await network.attach({ namespace, name }, sandboxId)
    this.addresses = this.attachment.addresses
    // Published before the containers run, so that felix programs the pod's rules meanwhile.
    changed()
    return this.attachment.netns
  }

  private async detach(): Promise<void> {
    if (this.attachment) await this.parts.context.network.detach(this.attachment)
    this.attachment = null
  }
}
