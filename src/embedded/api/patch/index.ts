import type { KubernetesObject } from '../../../kubernetes-object.ts'
import type { Kind } from '../kind.ts'
import type { WriteOptions } from '../registry.ts'
import { unsupportedMediaType } from '../status-error.ts'
import { mergePatch } from './merge-patch.ts'

/** A patch as it came: its media type and its document. */
export interface Patch {
  type: 'merge' | 'strategic' | 'json' | 'apply'
  document: unknown
}

export interface PatchRequest {
  kind: Kind
  name: string
  namespace?: string
  old?: KubernetesObject
  patch: Patch
  options: WriteOptions
}

/** The object as the patch makes it; `old` is not changed. */
export function applyPatch({ old, patch }: PatchRequest): unknown {
  switch (patch.type) {
    case 'merge':
      return mergePatch(old, patch.document)
    default:
      throw unsupportedMediaType(`patches of type ${patch.type} are not served`)
  }
}
