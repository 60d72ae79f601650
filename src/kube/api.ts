import type { CalicoStorage } from './calico-storage.ts'
import type { Resources } from './resources.ts'
import type { Transport } from './transport.ts'

/** What the parts of the client share. */
export interface Api {
  transport: Transport
  resources: Resources
  calico: CalicoStorage
}
