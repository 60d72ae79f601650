import { type Address, formatAddress, type IpVersion } from '../../cidr.ts'
import type { Labels } from '../selector.ts'

/** Something that owns addresses and labels, so that a policy can select it or a rule can name it. */
export interface Endpoint {
  kind: 'pod' | 'host-endpoint'
  /** `namespace/pod`, or the name of a HostEndpoint. */
  id: string
  namespace: string | null
  node: string
  labelClass: LabelClass
  addresses: Address[]
  ports: NamedPort[]
  /** Names of its profiles, in order. */
  profiles: string[]
}

/** A container port or HostEndpoint port that has a name. */
export interface NamedPort {
  name: string
  protocol: number
  port: number
}

/** All endpoints with the same effective labels: whatever a selector says of one, it says of all. */
export interface LabelClass {
  namespace: string | null
  labels: Labels
  endpoints: Endpoint[]
}

/** One end of a flow: an address, and the endpoints that own it. */
export interface Party {
  version: IpVersion
  /** Null for a pod that has no address yet. */
  address: Address | null
  /** Canonical text of the address, '' without one. */
  text: string
  endpoints: Endpoint[]
}

export const labelNames = {
  namespace: 'projectcalico.org/namespace',
  orchestrator: 'projectcalico.org/orchestrator',
  serviceAccount: 'projectcalico.org/serviceaccount',
  name: 'projectcalico.org/name',
  namespacePrefix: 'pcns.',
  serviceAccountPrefix: 'pcsa.',
} as const

export function addressText(address: Address | null): string {
  return address ? formatAddress(address) : ''
}
