import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { UserInfo } from './service-account-tokens.ts'

/** What a review may ask of the server. */
export interface Reviewer {
  /** Who asks. */
  user: UserInfo
  userOf(token: string, audience?: string): UserInfo | null
}

/** Answers what is posted. */
export type Review = (body: KubernetesObject, reviewer: Reviewer) => object
