import type { KubernetesObject, OwnerReference } from '../../kubernetes-object.ts'
import type { Kind } from './kind.ts'
import {
  keyProblem,
  labelProblem,
  serviceNameProblem,
  subdomainProblem,
  valueProblem,
} from './rules/index.ts'
import type { Cause } from './status-error.ts'

/** Causes for a name that is missing or that its kind does not take. */
export function checkName({ nameRule }: Kind, { metadata }: KubernetesObject): Cause[] {
  const { name } = metadata
  if (!name) {
    const message = 'Required value: name or generateName is required'
    return [{ reason: 'FieldValueRequired', message, field: 'metadata.name' }]
  }
  const problem = nameProblems[nameRule ?? 'subdomain'](name)
  return problem ? [invalid(name, problem, 'metadata.name')] : []
}

const nameProblems = {
  subdomain: subdomainProblem,
  label: (name: string) =>
    name.includes('.') && name.length <= 63 ? 'must not contain dots' : labelProblem(name),
  service: serviceNameProblem,
}

const mostAnnotationBytes = 256 * 1024

/** Causes for labels, annotations and finalizers that cannot be. */
export function checkMetadata({ metadata }: KubernetesObject, old: KubernetesObject | undefined): Cause[] {
  const causes: Cause[] = []
  const check = (value: string, problem: string | null, field: string) => {
    if (problem) causes.push(invalid(value, problem, field))
  }
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    check(key, keyProblem(key), 'metadata.labels')
    check(value, valueProblem(value), 'metadata.labels')
  }
  // A key of an annotation may be written in capitals, too.
  for (const key of Object.keys(metadata.annotations ?? {}))
    check(key, keyProblem(key.toLowerCase()), 'metadata.annotations')
  const annotationBytes = Object.entries(metadata.annotations ?? {})
    .flat()
    .reduce((total, text) => total + Buffer.byteLength(text), 0)
  if (annotationBytes > mostAnnotationBytes) {
    const message = `Too long: may not be more than ${mostAnnotationBytes} bytes`
    causes.push({ reason: 'FieldValueTooLong', message, field: 'metadata.annotations' })
  }
  for (const finalizer of metadata.finalizers ?? [])
    check(finalizer, keyProblem(finalizer), 'metadata.finalizers')
  causes.push(...checkOwners(metadata.ownerReferences ?? []))
  const added = (metadata.finalizers ?? []).filter((each) => !old?.metadata.finalizers?.includes(each))
  if (old?.metadata.deletionTimestamp && added.length) {
    const found = `[]string{${added.map((each) => JSON.stringify(each)).join(', ')}}`
    const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${found}`
    causes.push({ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' })
  }
  return causes
}

/** An object has one owner that manages it, and an Event owns nothing. */
function checkOwners(owners: OwnerReference[]): Cause[] {
  const field = 'metadata.ownerReferences'
  const [first, second] = owners.filter(({ controller }) => controller)
  const events = owners.flatMap(({ apiVersion, kind }, index) =>
    kind === 'Event' && /^(v1|events.k8s.io\/.*)$/.test(apiVersion)
      ? [invalid(`${apiVersion}, Kind=${kind}`, 'is disallowed from being an owner', `${field}[${index}]`)]
      : [],
  )
  if (!first || !second) return events
  const [one, other] = [first, second].map(({ kind, name }) => `${kind}/${name}`)
  const why = `Only one reference can have Controller set to true. Found "true" in references for ${one} and ${other}`
  return [
    ...events,
    { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(owners)}: ${why}`, field },
  ]
}

function invalid(value: string, rule: string, field: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${rule}`, field }
}
