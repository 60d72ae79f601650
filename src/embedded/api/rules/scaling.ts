import { all, atLeast, forbidden, invalid, notSupported, type Rule, required } from './rule.ts'

const budget: Rule = ({ minAvailable, maxUnavailable }, wrong) => {
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    wrong('', invalid({ minAvailable, maxUnavailable }, 'minAvailable and maxUnavailable cannot be both set'))
  for (const [field, value] of Object.entries({ minAvailable, maxUnavailable })) {
    const problem = value === undefined ? null : amountProblem(value)
    if (problem) wrong(field, invalid(value, problem))
  }
}

/** What is wrong with a number of pods or a share of them; null for one that can be. */
export function amountProblem(value: unknown, isShare = true): string | null {
  if (typeof value === 'number') return value < 0 ? 'must be greater than or equal to 0' : null
  if (!/^\d+%$/.test(String(value)))
    return "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
  return isShare && Number.parseInt(String(value), 10) > 100 ? 'must not be greater than 100%' : null
}

const autoscaler: Rule = ({ minReplicas = 1, maxReplicas }, wrong) => {
  if (maxReplicas < 1) wrong('maxReplicas', invalid(maxReplicas, 'must be greater than 0'))
  if (maxReplicas < minReplicas)
    wrong('maxReplicas', invalid(maxReplicas, 'must be greater than or equal to `minReplicas`'))
}

const target: Rule = ({ apiVersion }, wrong) => {
  if (!apiVersion) wrong('apiVersion', invalid('', 'apiVersion must specify API group'))
}

const sources: Record<string, string> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
}

const metric: Rule = (value, wrong) => {
  if (!value.type) return
  const wanted = sources[value.type]
  if (!wanted) {
    const served = Object.keys(sources).map((each) => JSON.stringify(each))
    const message = `Unsupported value: ${JSON.stringify(value.type)}: supported values: ${served.join(', ')}`
    wrong('type', message, notSupported)
    return
  }
  if (!value[wanted])
    wrong(wanted, 'Required value: must populate information for the given metric source', required)
  for (const source of Object.values(sources))
    if (source !== wanted && value[source])
      wrong(source, 'Forbidden: must populate the given metric source only', forbidden)
}

const resourceMetric: Rule = ({ target: wanted }, wrong) => {
  if (wanted && wanted.averageUtilization === undefined && wanted.averageValue === undefined)
    wrong(
      'target.averageUtilization',
      'Required value: must set either a target raw value or a target utilization',
      required,
    )
}

const longestWindowSeconds = 3600

const scaling: Rule = ({ stabilizationWindowSeconds: seconds }, wrong) => {
  if (seconds > longestWindowSeconds)
    wrong(
      'stabilizationWindowSeconds',
      invalid(seconds, `must be less than or equal to ${longestWindowSeconds}`),
    )
}

export const scalingRules: Record<string, Rule> = {
  'policy.v1.PodDisruptionBudgetSpec': budget,
  'autoscaling.v2.HorizontalPodAutoscalerSpec': all(atLeast({ minReplicas: 1 }), autoscaler),
  'autoscaling.v2.CrossVersionObjectReference': target,
  'autoscaling.v2.MetricSpec': metric,
  'autoscaling.v2.ResourceMetricSource': resourceMetric,
  'autoscaling.v2.HPAScalingRules': all(atLeast({ stabilizationWindowSeconds: 0 }), scaling),
}
