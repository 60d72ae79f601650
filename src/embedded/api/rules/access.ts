import { forbidden, invalid, notSupported, type Rule, required } from './rule.ts'

const policyRule: Rule = ({ verbs = [], apiGroups = [], resources = [], nonResourceURLs = [] }, wrong) => {
  if (!verbs.length) wrong('verbs', 'Required value: verbs must contain at least one value', required)
  if (nonResourceURLs.length) {
    if (apiGroups.length || resources.length)
      wrong(
        'nonResourceURLs',
        invalid(nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'),
      )
    return
  }
  if (!apiGroups.length)
    wrong('apiGroups', 'Required value: resource rules must supply at least one api group', required)
  if (!resources.length)
    wrong('resources', 'Required value: resource rules must supply at least one resource', required)
}

/** Of one namespace; a ClusterRole may be about paths, too. */
const role: Rule = ({ rules = [] }, wrong) => {
  for (const [index, { nonResourceURLs = [] }] of rules.entries())
    if (nonResourceURLs.length)
      wrong(
        `rules[${index}].nonResourceURLs`,
        invalid(nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'),
      )
}

const subjects = ['Group', 'ServiceAccount', 'User']

const subject: Rule = ({ kind }, wrong) => {
  if (!kind || subjects.includes(kind)) return
  const list = subjects.map((each) => JSON.stringify(each)).join(', ')
  wrong('kind', `Unsupported value: ${JSON.stringify(kind)}: supported values: ${list}`, notSupported)
}

const highestPriority = 1_000_000_000
const systemPriorities = ['system-cluster-critical', 'system-node-critical']

const priorityClass: Rule = ({ value, metadata }, wrong) => {
  const { name = '' } = metadata ?? {}
  if (systemPriorities.includes(name)) return
  if (name.startsWith('system-'))
    wrong(
      'metadata.name',
      `Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`,
      forbidden,
    )
  if (value > highestPriority)
    wrong(
      'value',
      `Forbidden: maximum allowed value of a user defined priority is ${highestPriority}`,
      forbidden,
    )
}

const lease: Rule = ({ leaseDurationSeconds: seconds }, wrong) => {
  if (seconds !== undefined && seconds <= 0)
    wrong('leaseDurationSeconds', invalid(seconds, 'must be greater than 0'))
}

/** Keys that a Secret of a type has. */
const secretKeys: Record<string, string[]> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
}

const accountAnnotation = 'kubernetes.io/service-account.name'

const secret: Rule = ({ type, data = {}, metadata }, wrong) => {
  if (type === 'kubernetes.io/service-account-token' && !metadata?.annotations?.[accountAnnotation])
    wrong(`metadata.annotations[${accountAnnotation}]`, 'Required value', required)
  for (const key of secretKeys[type] ?? [])
    if (data[key] === undefined) wrong(`data[${key}]`, 'Required value', required)
  if (type === 'kubernetes.io/basic-auth' && data.username === undefined && data.password === undefined)
    for (const key of ['username', 'password']) wrong(`data[${key}]`, 'Required value', required)
  const key = type === 'kubernetes.io/dockercfg' ? '.dockercfg' : '.dockerconfigjson'
  if (!type?.startsWith('kubernetes.io/dockerc') || data[key] === undefined) return
  try {
    JSON.parse(Buffer.from(String(data[key]), 'base64').toString())
  } catch {
    wrong(`data[${key}]`, 'Invalid value: "<secret contents redacted>": it is not JSON')
  }
}

export const accessRules: Record<string, Rule> = {
  'rbac.v1.PolicyRule': policyRule,
  'rbac.v1.Role': role,
  'rbac.v1.Subject': subject,
  'scheduling.v1.PriorityClass': priorityClass,
  'coordination.v1.LeaseSpec': lease,
  'core.v1.Secret': secret,
}
