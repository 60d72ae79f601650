import type { Path, Problems } from './problem.ts'

interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[]
}

const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/
const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const labelPrefix = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/

/** A Kubernetes label selector: keys, values, and which operator takes values. */
export function validateLabelSelector(
  selector: LabelSelector | undefined,
  path: Path,
  problems: Problems,
): void {
  for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) {
    const at = [...path, 'matchLabels', key]
    validateKey(key, at, problems)
    validateValue(value, at, problems)
  }
  selector?.matchExpressions?.forEach(({ key, operator, values = [] }, index) => {
    const at = [...path, 'matchExpressions', index]
    if (key !== undefined) validateKey(key, [...at, 'key'], problems)
    const takesValues = operator === 'In' || operator === 'NotIn'
    if (takesValues && values.length === 0)
      problems.add([...at, 'values'], `${operator} needs at least one value`)
    if (operator && !takesValues && values.length > 0)
      problems.add([...at, 'values'], `${operator} takes no values`, 'remove them')
    values.forEach((value, position) => {
      validateValue(value, [...at, 'values', position], problems)
    })
  })
}

function validateKey(key: string, path: Path, problems: Problems): void {
  const [name, prefix, ...more] = key.split('/').reverse()
  const fits =
    more.length === 0 &&
    labelName.test(name!) &&
    name!.length <= 63 &&
    (prefix === undefined || (labelPrefix.test(prefix) && prefix.length <= 253))
  if (!fits) problems.add(path, `${JSON.stringify(key)} is not a label key`)
}

function validateValue(value: string, path: Path, problems: Problems): void {
  if (!labelValue.test(value) || value.length > 63)
    problems.add(
      path,
      `${JSON.stringify(value)} is not a label value (63 characters of A-Z, a-z, 0-9, -, _, .)`,
    )
}
