import { createHash } from 'node:crypto'
import type { Direction } from '../policy/index.ts'

/**
 * A decision that felix's rules leave in the kernel's log, one for each that the first packet of a connection meets. The
 * group tells the direction, the prefix the rest.
 */
export interface FlowRecord {
  /** Of the walk that asks staged policies as if they were enforced. */
  pending: boolean
  action: 'allow' | 'deny' | 'pass'
  /** Index of the rule; null: the end of a tier, for which the policy is blamed. */
  rule: number | null
  /** `np/ns/name`, …, `pro/kns.ns`; a name too long for a prefix as `policyKey` has it; null: no profile. */
  policy: string | null
}

/** Groups of the kernel's packet log (NFLOG), felix's own. */
export const logGroups: Record<Direction, number> = { ingress: 1, egress: 2 }

/** The kernel keeps 127 bytes of a prefix, and nft 1.0.6 crashes on one a little longer. */
const longestPolicy = 90

/** The statement that leaves a record. */
export function logStatement(direction: Direction, record: FlowRecord): string {
  return `log prefix "${flowPrefix(record)}" group ${logGroups[direction]}`
}

/** `allow 0 np/shop/web`, `pending deny end snp/shop/web`, `allow 0 pro/kns.shop`, `deny end -`. */
export function flowPrefix({ pending, action, rule, policy }: FlowRecord): string {
  const words = [action, rule ?? 'end', policy === null ? '-' : policyKey(policy)].join(' ')
  return pending ? `pending ${words}` : words
}

const dialled = 'dialled'

/** The statement that leaves word of a Service's address before it is translated. */
export const dialledStatement = `log prefix "${dialled}" group ${logGroups.egress}`

/** Whether a prefix says that the packet's destination is a Service's, and will be translated. */
export function isDialled(prefix: string): boolean {
  return prefix === dialled
}

/** Undefined for what is no record of ours. */
export function readFlowPrefix(prefix: string): FlowRecord | undefined {
  const [, pending, action, rule, policy] =
    /^(pending )?(allow|deny|pass) (\d+|end) (\S+)$/.exec(prefix) ?? []
  if (!action || !rule || !policy) return undefined
  return {
    pending: pending !== undefined,
    action: action as FlowRecord['action'],
    rule: rule === 'end' ? null : Number(rule),
    policy: policy === '-' ? null : policy,
  }
}

/** The policy's id, or what stands for it in a prefix: `np/~` and a hash. */
export function policyKey(id: string): string {
  if (id.length <= longestPolicy && !/[^A-Za-z0-9/_.-]/.test(id)) return id
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 32)
  return `${id.slice(0, id.indexOf('/'))}/~${hash}`
}
