import type { KubernetesObject } from '../../kubernetes-object.ts'

interface Rule {
  action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'
  onExitCodes?: { containerName?: string; operator: 'In' | 'NotIn'; values: number[] }
  onPodConditions?: { type: string; status?: string }[]
}

export interface FailureVerdict {
  action: Rule['action']
  /** Why, in the words of the Job's condition. */
  message: string
}

/** What `podFailurePolicy` says of a failed pod, by its first rule that matches; Count where none does. */
export function judgeFailure({ spec }: KubernetesObject, pod: KubernetesObject): FailureVerdict {
  for (const [index, rule] of ((spec.podFailurePolicy?.rules ?? []) as Rule[]).entries()) {
    const why = rule.onExitCodes ? byExitCode(rule.onExitCodes, pod) : byCondition(rule, pod)
    if (why) return { action: rule.action, message: `${why} matching ${rule.action} rule at index ${index}` }
  }
  return { action: 'Count', message: '' }
}

function byExitCode(
  { containerName, operator, values }: NonNullable<Rule['onExitCodes']>,
  { metadata, status }: KubernetesObject,
): string | null {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  for (const { name, state } of all) {
    const exitCode = state?.terminated?.exitCode
    if (exitCode === undefined || exitCode === 0 || (containerName && containerName !== name)) continue
    if (values.includes(exitCode) !== (operator === 'In')) continue
    const { namespace, name: pod } = metadata
    return `Container ${name} for pod ${namespace}/${pod} failed with exit code ${exitCode}`
  }
  return null
}

function byCondition({ onPodConditions = [] }: Rule, { metadata, status }: KubernetesObject): string | null {
  for (const { type, status: wanted = 'True' } of onPodConditions) {
    const found = status?.conditions?.find((each: { type: string }) => each.type === type)
    if (found?.status === wanted) return `Pod ${metadata.namespace}/${metadata.name} has condition ${type}`
  }
  return null
}
