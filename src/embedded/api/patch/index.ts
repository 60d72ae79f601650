import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { documentSchema } from '../document-schema.ts'
import type { Kind } from '../kind.ts'
import { qualified, unsupportedMediaType } from '../status-error.ts'
import { jsonPatch } from './json-patch.ts'
import { mergePatch } from './merge-patch.ts'
import { serverSideApply } from './server-side-apply.ts'
import { strategicMergePatch } from './strategic-merge-patch.ts'

/** A patch as it came: its media type and its document. */
export interface Patch {
  type: 'merge' | 'strategic' | 'json' | 'apply'
  document: unknown
}

export interface PatchRequest {
  kind: Kind
  /** The object as it is; only an apply does without. */
  old?: KubernetesObject
  patch: Patch
  /** Who writes; an apply needs to know. */
  manager: string
  force: boolean
  /** The part of the object that is written; only an apply needs to know. */
  subresource?: string
}

/** The object as the patch makes it; `old` is not changed. */
export function applyPatch({ kind, old, patch, manager, force, subresource }: PatchRequest): unknown {
  switch (patch.type) {
    case 'merge':
      return mergePatch(old, patch.document)
    case 'json':
      return jsonPatch(old, patch.document)
    case 'apply':
      return serverSideApply({ kind, live: old, applied: patch.document, manager, force, subresource })
    case 'strategic':
      if (kind.isCustom) {
        throw unsupportedMediaType(
          `${qualified(kind)} takes no strategic merge patch: use application/merge-patch+json (kubectl patch --type merge)`,
        )
      }
      return strategicMergePatch(old, patch.document, documentSchema(kind))
  }
}
