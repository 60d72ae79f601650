import type { KubernetesObject } from '../../../kubernetes-object.ts'

export interface Taint {
  key: string
  value?: string
  effect: string
}

interface Toleration {
  key?: string
  operator?: string
  value?: string
  effect?: string
  tolerationSeconds?: number
}

interface Tolerant {
  tolerations?: Toleration[]
}

/** The first taint that keeps a pod away and that it does not tolerate; null where there is none. */
export function untoleratedTaint(
  { tolerations = [] }: Tolerant,
  node: KubernetesObject,
  effects: string[] = ['NoSchedule', 'NoExecute'],
): Taint | null {
  const taints: Taint[] = node.spec?.taints ?? []
  return (
    taints.find(
      (taint) => effects.includes(taint.effect) && !tolerations.some((each) => tolerates(each, taint)),
    ) ?? null
  )
}

/** How long a pod may stay on a node with its taints NoExecute: 0 for not at all, Infinity for ever. */
export function stayMs(spec: Tolerant, node: KubernetesObject): number {
  if (untoleratedTaint(spec, node, ['NoExecute'])) return 0
  const taints: Taint[] = (node.spec?.taints ?? []).filter(({ effect }: Taint) => effect === 'NoExecute')
  const used = taints.flatMap((taint) => (spec.tolerations ?? []).filter((each) => tolerates(each, taint)))
  const seconds = used.map(({ tolerationSeconds }) => tolerationSeconds ?? Number.POSITIVE_INFINITY)
  return Math.max(0, Math.min(Number.POSITIVE_INFINITY, ...seconds)) * 1000
}

/** core/v1 Toleration: an empty key with Exists tolerates everything, an empty effect every effect. */
export function tolerates(
  { key, operator = 'Equal', value = '', effect }: Toleration,
  taint: Taint,
): boolean {
  if (effect && effect !== taint.effect) return false
  if (!key) return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))
}
