import type { Readable } from 'node:stream'

/** An image as an archive holds it. */
export interface ArchivedImage {
  /** References; empty where the archive gives it none. */
  names: string[]
  /** Digest of its configuration: the image's ID. */
  id: string
  config: ImageConfig
  /** From the lowest to the topmost. */
  layers: ArchivedLayer[]
}

export interface ArchivedLayer {
  /** Digest of its uncompressed archive, as the configuration has it. */
  diffId: string
  /** That archive, uncompressed. */
  open(): Promise<Readable>
}

/** The part of an OCI image configuration that a container needs. */
export interface ImageConfig {
  architecture?: string
  os?: string
  config?: {
    User?: string
    Env?: string[] | null
    Entrypoint?: string[] | null
    Cmd?: string[] | null
    WorkingDir?: string
    StopSignal?: string
  }
  rootfs: { diff_ids: string[] }
}
