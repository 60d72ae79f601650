import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Kind } from './kind.ts'
import type { WriteOptions } from './registry.ts'

export interface TrackedWrite {
  kind: Kind
  object: KubernetesObject
  old?: KubernetesObject
  options: WriteOptions
  subresource?: string
}

export function trackUpdate(_write: TrackedWrite): void {}
