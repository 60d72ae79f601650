import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Kind } from './kind.ts'
import type { Cause } from './status-error.ts'

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

/** Causes for a name that is missing or that its kind does not take. */
export function checkName({ nameRule }: Kind, { metadata }: KubernetesObject): Cause[] {
  const { name } = metadata
  if (!name) {
    const message = 'Required value: name or generateName is required'
    return [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }]
  }
  const isLabel = nameRule === 'label'
  const length = isLabel ? 63 : 253
  if (name.length > length) {
    const message = `Invalid value: ${JSON.stringify(name)}: must be no more than ${length} characters`
    return [{ reason: 'FieldValueInvalid', message, field: 'metadata.name' }]
  }
  if ((isLabel ? label : subdomain).test(name)) return []
  const rule = isLabel && name.includes('.') ? 'must not contain dots' : isLabel ? labelRule : subdomainRule
  return [invalid(name, rule, 'metadata.name')]
}

const keyRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

const qualifiedName = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/

/** Causes for labels, annotations and finalizers that cannot be. */
export function checkMetadata({ metadata }: KubernetesObject, old: KubernetesObject | undefined): Cause[] {
  const causes: Cause[] = []
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (!qualifiedName.test(key)) causes.push(invalid(key, keyRule, 'metadata.labels'))
    if (!labelValue.test(value)) causes.push(invalid(value, valueRule, 'metadata.labels'))
  }
  for (const key of Object.keys(metadata.annotations ?? {})) {
    // A key of an annotation may be written in capitals, too.
    if (!qualifiedName.test(key.toLowerCase())) causes.push(invalid(key, keyRule, 'metadata.annotations'))
  }
  for (const finalizer of metadata.finalizers ?? []) {
    if (!qualifiedName.test(finalizer)) causes.push(invalid(finalizer, keyRule, 'metadata.finalizers'))
  }
  const added = (metadata.finalizers ?? []).filter((each) => !old?.metadata.finalizers?.includes(each))
  if (old?.metadata.deletionTimestamp && added.length) {
    const found = `[]string{${added.map((each) => JSON.stringify(each)).join(', ')}}`
    const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${found}`
    causes.push({ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' })
  }
  return causes
}

function invalid(value: string, rule: string, field: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${rule}`, field }
}
