import { isDeepStrictEqual } from 'node:util'
import { messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { PodFiles } from './pod-files.ts'
import type { PodSources } from './pod-sources.ts'
import { renewInTime } from './renew-in-time.ts'

export interface PodVolumesOptions {
  /** What files and sources know of the pod: its labels and annotations are kept those of the moment here. */
  known: KubernetesObject
  files: PodFiles
  sources: PodSources
  /** Of the pod, as far as it has any. */
  addresses(): string[]
  /** Whether somebody reads them: a sandbox that runs, and is not about to end. */
  isInUse(): boolean
  event(type: 'Normal' | 'Warning', reason: string, message: string): void
}

/** A pod's volumes while it runs: written anew when what they are made of changes, and before a token of theirs ends. */
export class PodVolumes {
  private readonly endRenewal: () => void

  constructor(private readonly options: PodVolumesOptions) {
    const { tokenLifeMs } = options.sources
    this.endRenewal = tokenLifeMs === null ? () => undefined : renewInTime(tokenLifeMs, () => this.rewrite())
  }

  /** What another process has written is taken over. */
  async adopt(): Promise<void> {
    const { files, sources, addresses } = this.options
    await files.adopt(sources.forVolumes(addresses())).catch((error) => this.failed(error))
  }

  /** An object that they may be made of has changed. */
  async refresh(source: KubernetesObject): Promise<void> {
    if (this.options.sources.include(source)) await this.rewrite()
  }

  /** A newer version of the pod, whose labels and annotations may be among their files. */
  relabel({ metadata: { labels, annotations } }: KubernetesObject): void {
    const { known, sources } = this.options
    const isSame = isDeepStrictEqual(
      [labels, annotations],
      [known.metadata.labels, known.metadata.annotations],
    )
    Object.assign(known.metadata, { labels, annotations })
    if (!isSame && sources.tellOfPod) void this.rewrite()
  }

  end(): void {
    this.endRenewal()
  }

  private async rewrite(): Promise<void> {
    const { files, sources, addresses, isInUse } = this.options
    if (isInUse()) await files.refresh(sources.forVolumes(addresses())).catch((error) => this.failed(error))
  }

  private failed(error: unknown): void {
    this.options.event('Warning', 'FailedMount', messageOf(error))
  }
}
