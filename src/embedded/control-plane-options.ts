import type { IpFamilies } from './ip-families.ts'

/** What a control plane is started with. */
export interface ControlPlaneOptions {
  name: string
  state: string
  nodes: number
  ipFamilies: IpFamilies
  /** Lives on without its parent. */
  detached: boolean
}
