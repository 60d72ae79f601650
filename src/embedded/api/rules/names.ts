const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
export const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
export const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
export const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const serviceNamePattern = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const serviceNameRule =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const keyPattern = /^[A-Za-z0-9]([-\w.]*[A-Za-z0-9])?$/
const keyRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const valuePattern = /^([A-Za-z0-9]([-\w.]*[A-Za-z0-9])?)?$/
const valueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

/** What is wrong with a DNS label (RFC 1123); null for one that can be. */
export function labelProblem(name: string): string | null {
  return problemOf(name, { most: 63, pattern: labelPattern, rule: labelRule })
}

/** What is wrong with a DNS subdomain (RFC 1123); null for one that can be. */
export function subdomainProblem(name: string): string | null {
  return problemOf(name, { most: 253, pattern: subdomainPattern, rule: subdomainRule })
}

/** What is wrong with the name of a Service (RFC 1035); null for one that can be. */
export function serviceNameProblem(name: string): string | null {
  return problemOf(name, { most: 63, pattern: serviceNamePattern, rule: serviceNameRule })
}

/** What is wrong with the key of a label: a name, and a domain before it where there is a slash. */
export function keyProblem(key: string): string | null {
  const [name = '', prefix, ...more] = key.split('/').toReversed()
  if (more.length > 0)
    return `a qualified name ${keyRule.replace('name part ', '')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`
  const ofPrefix = prefix === undefined ? null : prefix ? subdomainProblem(prefix) : 'must be non-empty'
  if (ofPrefix) return `prefix part ${ofPrefix}`
  if (name === '') return 'name part must be non-empty'
  if (name.length > 63) return 'name part must be no more than 63 characters'
  return keyPattern.test(name) ? null : keyRule
}

/** What is wrong with the value of a label; null for one that can be. */
export function valueProblem(value: string): string | null {
  return problemOf(value, { most: 63, pattern: valuePattern, rule: valueRule })
}

/** All that is wrong with the name of a port (IANA service name). */
export function portNameProblems(name: string): string[] {
  return [
    name.length > 15 && 'must be no more than 15 characters',
    !/^[-a-z0-9]+$/.test(name) && 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    !/[a-z]/.test(name) && 'must contain at least one letter (a-z)',
    name.includes('--') && 'must not contain consecutive hyphens',
    /^-|-$/.test(name) && 'must not begin or end with a hyphen',
  ].filter((problem) => problem !== false)
}

/** What is wrong with a key of a ConfigMap or Secret, which is the name of a file; null for one that can be. */
export function configKeyProblem(key: string): string | null {
  if (key === '.') return "must not be '.'"
  if (key === '..') return "must not be '..'"
  if (key.startsWith('..')) return "must not start with '..'"
  const rule =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
  return problemOf(key, { most: 253, pattern: /^[-._a-zA-Z0-9]+$/, rule })
}

/** What is wrong with the name of a variable; null for one that can be. */
export function variableNameProblem(name: string): string | null {
  return /^[ -<>-~]+$/.test(name)
    ? null
    : "a valid environment variable name must consist only of printable ASCII characters other than '='"
}

function problemOf(
  name: string,
  { most, pattern, rule }: { most: number; pattern: RegExp; rule: string },
): string | null {
  if (name.length > most) return `must be no more than ${most} characters`
  return pattern.test(name) ? null : rule
}
