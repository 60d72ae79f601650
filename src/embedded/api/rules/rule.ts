import { subdomainPattern, subdomainRule } from './names.ts'

/** What a rule finds wrong: a field below the value that it looks at (empty for the value itself), and why. */
export type Wrong = (field: string, message: string, reason?: string) => void

/** Looks at one value of a definition, wherever in a document it stands. */
// biome-ignore lint/suspicious/noExplicitAny: a value that was checked against its schema
export type Rule = (value: any, wrong: Wrong) => void

export const required = 'FieldValueRequired'
export const forbidden = 'FieldValueForbidden'
export const duplicate = 'FieldValueDuplicate'
export const notSupported = 'FieldValueNotSupported'

export const notActedOn =
  'Forbidden: this miniature cluster does not act on this field, and would not ignore it silently'

export function invalid(value: unknown, rule: string): string {
  return `Invalid value: ${JSON.stringify(value ?? null)}: ${rule}`
}

/** Why a name is no DNS subdomain; null where it is one. */
export function notSubdomain(name: unknown): string | null {
  const isOne = typeof name === 'string' && name.length <= 253 && subdomainPattern.test(name)
  return isOne ? null : invalid(name, subdomainRule)
}

/** Numbers that are at least something. */
export function atLeast(bounds: Record<string, number>): Rule {
  return (value, wrong) => {
    for (const [field, least] of Object.entries(bounds))
      if (typeof value[field] === 'number' && value[field] < least)
        wrong(field, invalid(value[field], `must be greater than or equal to ${least}`))
  }
}

export function all(...rules: Rule[]): Rule {
  return (value, wrong) => {
    for (const rule of rules) rule(value, wrong)
  }
}
