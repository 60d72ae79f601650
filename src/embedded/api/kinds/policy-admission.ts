import { admit, pathText } from '../../../policy/index.ts'
import { jsonCopy } from '../json.ts'
import type { AdmissionRequest } from '../kind.ts'

/** Defaults and validates a policy by the same code that predicts and lints: what is stored is what is enforced. */
export function admitPolicy({ object, causes }: AdmissionRequest): void {
  const { object: admitted, problems } = admit(object)
  Object.assign(object, jsonCopy(admitted))
  for (const { path, message, fix } of problems) {
    const text = `Invalid value: ${message}${fix ? ` (${fix})` : ''}`
    const field = pathText(path)
    // What the published schema has found is said once.
    if (!causes.some((cause) => cause.field === field))
      causes.push({ reason: 'FieldValueInvalid', message: text, field })
  }
}

/** A policy in a tier that does not exist would never be enforced; Calico refuses it too. */
export function requireTier({ object: { spec }, list, causes }: AdmissionRequest): void {
  const tiers = list('apis/projectcalico.org/v3/tiers').map(({ metadata }) => metadata.name)
  const wanted = spec?.tier ?? 'default'
  if (tiers.includes(wanted)) return
  const message = `Not found: there is no tier ${JSON.stringify(wanted)}; tiers: ${tiers.join(', ')}`
  causes.push({ reason: 'FieldValueNotFound', message, field: 'spec.tier' })
}
