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
}

/** The first taint that keeps a pod away and that it does not tolerate; null where there is none. */
export function untoleratedTaint(
  { tolerations = [] }: { tolerations?: Toleration[] },
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

/** core/v1 Toleration: an empty key with Exists tolerates everything, an empty effect every effect. */
export function tolerates(
  { key, operator = 'Equal', value = '', effect }: Toleration,
  taint: Taint,
): boolean {
  if (effect && effect !== taint.effect) return false
  if (!key) return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))
}
