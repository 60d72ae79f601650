/** Where a canary lives: everything of it is in this namespace, or a tier of the same name. */
export interface CanaryPlace {
  namespace: string
  /** Default: `agnhostImage`. */
  image?: string
}

/** What differs between the clusters that have a canary. */
export interface CanaryChoices extends CanaryPlace {
  /** Becomes the run's mark on all that the canary makes; left out where the cluster itself is ours. */
  runId?: string
  /** How long a policy may take to bite; felix takes some 50 ms. Default 10,000. */
  biteTimeoutMs?: number
  /** What carries the cluster's packets, where that is known: named beside what the canary found. */
  network?: string
  /** What to do about a cluster that enforces nothing. */
  hint: string
  /** False: no tier of Calico's may be made; a NetworkPolicy will do. Default true. */
  tiers?: boolean
}
