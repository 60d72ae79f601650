import type { Direction } from '../rules.ts'
import { compileSelector, type Predicate, type Selector, selectorText } from '../selector.ts'
import type { Groups } from './groups.ts'
import { compileRules, type Rule, type RuleDraft } from './rule.ts'

/** Which policy object something came from. */
export interface PolicyRef {
  apiVersion: string
  kind: string
  namespace: string | null
  name: string
  tier: string
}

/** A policy of any kind, brought to one form. */
export interface PolicyDraft {
  ref: PolicyRef
  /** The kind as Calico orders and prints it, and its short form in chain names. */
  calicoKind: CalicoKind
  order: number
  staged: boolean
  /** Default: `normal`. */
  stage?: PolicyStage
  /** Whether it is asked about traffic that a host forwards, too. */
  onForward?: boolean
  /** What it applies to, namespace and service account included. */
  subject: Selector
  /** Null: the policy does not govern this direction. */
  ingress: RuleDraft[] | null
  egress: RuleDraft[] | null
}

/** When a policy is asked: before connection tracking, before a Service's address is translated, or after both. */
export type PolicyStage = 'untracked' | 'pre-dnat' | 'normal'

export const calicoKinds = {
  NetworkPolicy: 'np',
  GlobalNetworkPolicy: 'gnp',
  KubernetesNetworkPolicy: 'knp',
  KubernetesClusterNetworkPolicy: 'kcnp',
  StagedNetworkPolicy: 'snp',
  StagedGlobalNetworkPolicy: 'sgnp',
  StagedKubernetesNetworkPolicy: 'sknp',
} as const

export type CalicoKind = keyof typeof calicoKinds

export interface Policy {
  ref: PolicyRef
  /** `np/ns/name` and the like: its chain in the rule table. */
  id: string
  order: number
  /** Decides between equal orders, byte by byte. */
  tie: string
  staged: boolean
  stage: PolicyStage
  onForward: boolean
  subject: Selector
  /** Canonical text of its subject. */
  subjectText: string
  selects: Predicate
  rules: Record<Direction, Rule[] | null>
}

export function compilePolicy(draft: PolicyDraft, groups: Groups): Policy {
  const { ref, calicoKind, order, staged, stage = 'normal', onForward = false, subject } = draft
  const scope = ref.namespace === null ? '' : `${ref.namespace}/`
  return {
    ref,
    id: `${calicoKinds[calicoKind]}/${scope}${ref.name}`,
    order,
    tie: `${ref.name}/${ref.namespace ?? ''}/${calicoKind}`,
    staged,
    stage,
    onForward,
    subject,
    subjectText: selectorText(subject),
    selects: compileSelector(subject),
    rules: {
      ingress: draft.ingress && compileRules(draft.ingress, groups),
      egress: draft.egress && compileRules(draft.egress, groups),
    },
  }
}

/** Order ascending (none is last), then the tie text in byte order. */
export function comparePolicies(a: Policy, b: Policy): number {
  if (a.order !== b.order) return a.order < b.order ? -1 : 1
  if (a.tie === b.tie) return 0
  return a.tie < b.tie ? -1 : 1
}

/** `NetworkPolicy shop/web`; Kubernetes' own kind is told apart from Calico's of the same name. */
export function describePolicy({ apiVersion, kind, namespace, name }: Omit<PolicyRef, 'tier'>): string {
  const prefix = apiVersion.startsWith('networking.k8s.io/') ? 'Kubernetes ' : ''
  return `${prefix}${kind} ${namespace ? `${namespace}/` : ''}${name}`
}
