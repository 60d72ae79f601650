import { all, atLeast, forbidden, invalid, type Rule, required } from './rule.ts'
import { amountProblem } from './scaling.ts'

const deployment: Rule = ({ progressDeadlineSeconds: deadline, minReadySeconds = 0, strategy }, wrong) => {
  if (deadline <= minReadySeconds)
    wrong('progressDeadlineSeconds', invalid(deadline, 'must be greater than minReadySeconds'))
  if (strategy?.type === 'Recreate' && strategy.rollingUpdate)
    wrong(
      'strategy.rollingUpdate',
      "Forbidden: may not be specified when strategy `type` is 'Recreate'",
      forbidden,
    )
}

const limits: Rule = ({ maxUnavailable, maxSurge }, wrong) => {
  for (const [field, value] of Object.entries({ maxUnavailable, maxSurge })) {
    const problem = value === undefined ? null : amountProblem(value, field === 'maxUnavailable')
    if (problem) wrong(field, invalid(value, problem))
  }
}

const deploymentLimits: Rule = ({ maxUnavailable, maxSurge }, wrong) => {
  if (isZero(maxUnavailable) && isZero(maxSurge))
    wrong('maxUnavailable', invalid(maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
}

const daemonLimits: Rule = ({ maxUnavailable, maxSurge }, wrong) => {
  if (isZero(maxUnavailable) && isZero(maxSurge))
    wrong('maxUnavailable', 'Required value: cannot be 0 when maxSurge is 0', required)
  if (!isZero(maxUnavailable) && !isZero(maxSurge))
    wrong('maxSurge', invalid(maxSurge, 'may not be set when maxUnavailable is non-zero'))
}

function isZero(value: unknown): boolean {
  return Number.parseInt(String(value), 10) === 0
}

const statefulSet: Rule = ({ updateStrategy, ordinals }, wrong) => {
  if (updateStrategy?.type === 'OnDelete' && updateStrategy.rollingUpdate)
    wrong(
      'updateStrategy.rollingUpdate',
      invalid(updateStrategy.rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"),
    )
  if (ordinals?.start < 0)
    wrong('ordinals.start', invalid(ordinals.start, 'must be greater than or equal to 0'))
}

const history = { minReadySeconds: 0, revisionHistoryLimit: 0 }

export const workloadRules: Record<string, Rule> = {
  'apps.v1.DeploymentSpec': all(atLeast({ ...history, progressDeadlineSeconds: 0 }), deployment),
  'apps.v1.RollingUpdateDeployment': all(limits, deploymentLimits),
  'apps.v1.ReplicaSetSpec': atLeast({ minReadySeconds: 0 }),
  'apps.v1.DaemonSetSpec': atLeast(history),
  'apps.v1.RollingUpdateDaemonSet': all(limits, daemonLimits),
  'apps.v1.StatefulSetSpec': all(atLeast({ minReadySeconds: 0 }), statefulSet),
  'apps.v1.RollingUpdateStatefulSetStrategy': atLeast({ partition: 0 }),
}
