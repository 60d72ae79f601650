import { keyProblem, valueProblem } from './names.ts'
import { all, duplicate, forbidden, invalid, type Rule, required, type Wrong } from './rule.ts'

const nodeSelector: Rule = ({ nodeSelector: labels = {} }, wrong) =>
  checkLabels(labels, 'nodeSelector', wrong)

/** Keys and values of labels. */
export function checkLabels(labels: Record<string, string>, field: string, wrong: Wrong): void {
  for (const [key, value] of Object.entries(labels))
    for (const [text, problem] of [
      [key, keyProblem(key)],
      [value, valueProblem(value)],
    ])
      if (problem) wrong(field, invalid(text, problem))
}

const toleration: Rule = ({ key, operator = 'Equal', value, effect, tolerationSeconds }, wrong) => {
  const ofKey = key ? keyProblem(key) : null
  if (ofKey) wrong('key', invalid(key, ofKey))
  if (!key && operator !== 'Exists')
    wrong(
      'operator',
      invalid(
        operator,
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    )
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    wrong('effect', invalid(effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  if (operator === 'Exists' && value)
    wrong('operator', invalid(value, "value must be empty when `operator` is 'Exists'"))
  const ofValue = operator !== 'Exists' && value ? valueProblem(value) : null
  if (ofValue) wrong('operator', invalid(value, ofValue))
}

const nodeTerms: Rule = ({ nodeSelectorTerms }, wrong) => {
  if (nodeSelectorTerms && !nodeSelectorTerms.length)
    wrong('nodeSelectorTerms', 'Required value: must have at least one node selector term', required)
}

/** Of a node selector, which compares numbers, too; and of a label selector. */
const requirement: Rule = ({ key, operator, values = [] }, wrong) => {
  const problem = key ? keyProblem(key) : null
  if (problem) wrong('key', invalid(key, problem))
  if ((operator === 'In' || operator === 'NotIn') && !values.length)
    wrong('values', "Required value: must be specified when `operator` is 'In' or 'NotIn'", required)
  if ((operator === 'Exists' || operator === 'DoesNotExist') && values.length)
    wrong(
      'values',
      "Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      forbidden,
    )
  if ((operator === 'Gt' || operator === 'Lt') && values.length !== 1)
    wrong(
      'values',
      "Required value: must be specified single value when `operator` is 'Lt' or 'Gt'",
      required,
    )
}

const weight: Rule = ({ weight: value }, wrong) => {
  if (value < 1 || value > 100) wrong('weight', invalid(value, 'must be in the range 1-100'))
}

const affinityTerm: Rule = ({ topologyKey }, wrong) => {
  const problem = topologyKey ? keyProblem(topologyKey) : null
  if (problem) wrong('topologyKey', invalid(topologyKey, problem))
}

const spread: Rule = ({ maxSkew, minDomains, whenUnsatisfiable, topologyKey }, wrong) => {
  if (maxSkew <= 0) wrong('maxSkew', invalid(maxSkew, 'must be greater than zero'))
  const problem = topologyKey ? keyProblem(topologyKey) : null
  if (problem) wrong('topologyKey', invalid(topologyKey, problem))
  if (minDomains === undefined) return
  if (minDomains <= 0) wrong('minDomains', invalid(minDomains, 'must be greater than zero'))
  if (whenUnsatisfiable !== 'DoNotSchedule')
    wrong(
      'minDomains',
      invalid(
        minDomains,
        `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
      ),
    )
}

const spreads: Rule = ({ topologySpreadConstraints = [] }, wrong) => {
  const known = new Set<string>()
  for (const [index, { topologyKey, whenUnsatisfiable }] of topologySpreadConstraints.entries()) {
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
    const field = `topologySpreadConstraints[${index}].{topologyKey, whenUnsatisfiable}`
    if (known.has(pair)) wrong(field, `Duplicate value: "${pair}"`, duplicate)
    known.add(pair)
  }
}

/** On which node a pod may run. */
export const podPlacement: Rule = (spec, wrong) => {
  nodeSelector(spec, wrong)
  spreads(spec, wrong)
}

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist']

const labelRequirement: Rule = ({ operator }, wrong) => {
  if (operator && !operators.includes(operator))
    wrong('operator', invalid(operator, 'not a valid selector operator'))
}

const labelSelector: Rule = ({ matchLabels = {} }, wrong) => checkLabels(matchLabels, 'matchLabels', wrong)

export const placementRules: Record<string, Rule> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector': labelSelector,
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement': all(labelRequirement, requirement),
  'core.v1.Toleration': toleration,
  'core.v1.NodeSelector': nodeTerms,
  'core.v1.NodeSelectorRequirement': requirement,
  'core.v1.PreferredSchedulingTerm': weight,
  'core.v1.WeightedPodAffinityTerm': weight,
  'core.v1.PodAffinityTerm': affinityTerm,
  'core.v1.TopologySpreadConstraint': spread,
}
