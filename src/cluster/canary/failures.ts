import { LabError } from '../../errors.ts'
import type { CanaryChoices } from './choices.ts'
import type { CanaryKind } from './kinds.ts'

export function biteTimeoutOf({ biteTimeoutMs = 10_000 }: CanaryChoices): number {
  return biteTimeoutMs
}

export function enforcesNothing(choices: CanaryChoices, lag: string[]): LabError {
  return new LabError({
    code: 'enforces-nothing',
    message: 'this cluster enforces nothing: a policy that denies a connection did not stop it',
    cause: `after ${biteTimeoutOf(choices)} ms the canary in namespace ${choices.namespace} still reached ${lag.join(', ')}${choices.network ? `; its network: ${choices.network}` : ''}`,
    hint: choices.hint,
  })
}

export function notEnforced(
  choices: CanaryChoices,
  { apiVersion, kind }: CanaryKind,
  lag: string[],
): LabError {
  return new LabError({
    code: 'enforces-nothing',
    message: `this cluster does not enforce a ${kind} (${apiVersion})`,
    cause: `after ${biteTimeoutOf(choices)} ms the canary's own in namespace ${choices.namespace} did not close ${lag.join(', ')}`,
    hint: choices.hint,
  })
}

export function stuck(choices: CanaryChoices, lag: string[]): LabError {
  return new LabError({
    code: 'timeout',
    message: `the canary does not reach ${lag.join(', ')} within ${biteTimeoutOf(choices)} ms`,
    cause: `no policy of ours is in its way; one of yours may select the pods of namespace ${choices.namespace}`,
    hint: 'kubectl get networkpolicies,pods -A -o wide',
  })
}
