import type { ResourceType } from '../../api-client/index.ts'
import { groupVersion, type Kind, resourceOf } from '../kind.ts'
import { coreKinds } from './core.ts'
import { endpointSlice } from './discovery.ts'
import { policyKinds } from './policies.ts'
import { service } from './service.ts'
import { workloadKinds } from './workloads.ts'

export { metadataSchema } from './metadata.ts'

/** Every kind that this API server serves. */
export const kinds: Kind[] = [...coreKinds, service, ...workloadKinds, endpointSlice, ...policyKinds]

const byResource = new Map(kinds.map((kind) => [resourceOf(kind), kind]))

/** The kind of a key such as `api/v1/pods`. */
export function kindOf(resource: string): Kind | undefined {
  return byResource.get(resource)
}

/** Every served kind as clients address it. */
export function servedTypes(): ResourceType[] {
  return kinds.map((kind) => ({
    groupVersion: `${kind.group ? 'apis' : 'api'}/${groupVersion(kind)}`,
    plural: kind.plural,
    namespaced: kind.namespaced,
  }))
}
