import { isIP } from 'node:net'
import { checkInit, checkMain, ids } from './containers.ts'
import { labelProblem, subdomainProblem } from './names.ts'
import { podPlacement } from './placement.ts'
import { all, duplicate, invalid, type Rule, required, type Wrong } from './rule.ts'

// biome-ignore lint/suspicious/noExplicitAny: fields that were checked against their schema
type Fields = any

const mostSeconds = 2 ** 31 - 1
const mostNameservers = 3
const mostSearches = 32

const pod: Rule = (spec, wrong) => {
  const { activeDeadlineSeconds: deadline } = spec
  if (deadline < 1 || deadline > mostSeconds)
    wrong('activeDeadlineSeconds', invalid(deadline, `must be between 1 and ${mostSeconds}, inclusive`))
  for (const field of ['hostname', 'subdomain']) {
    const problem = spec[field] ? labelProblem(spec[field]) : null
    if (problem) wrong(field, invalid(spec[field], problem))
  }
  for (const field of ['nodeName', 'serviceAccountName']) {
    const problem = spec[field] ? subdomainProblem(spec[field]) : null
    if (problem) wrong(field, invalid(spec[field], problem))
  }
  if (spec.hostPID && spec.shareProcessNamespace)
    wrong(
      'securityContext.shareProcessNamespace',
      invalid(true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    )
  checkDns(spec, wrong)
  checkVolumes(spec.volumes ?? [], wrong)
  for (const [index, { ip, hostnames = [] }] of (spec.hostAliases ?? []).entries())
    checkAlias(ip, hostnames, `hostAliases[${index}]`, wrong)
  for (const [index, each] of (spec.initContainers ?? []).entries())
    checkInit(each, `initContainers[${index}]`, wrong)
  for (const [index, each] of (spec.containers ?? []).entries())
    checkMain(each, `containers[${index}]`, wrong)
  checkSleep(spec, wrong)
}

function checkDns({ dnsPolicy, dnsConfig }: Fields, wrong: Wrong): void {
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {}
  if (dnsPolicy === 'None') {
    if (!dnsConfig)
      wrong('dnsConfig', 'Required value: must provide `dnsConfig` when `dnsPolicy` is None', required)
    else if (!nameservers.length)
      wrong(
        'dnsConfig.nameservers',
        'Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
        required,
      )
  }
  if (nameservers.length > mostNameservers)
    wrong(
      'dnsConfig.nameservers',
      invalid(nameservers, `must not have more than ${mostNameservers} nameservers`),
    )
  for (const [index, address] of nameservers.entries())
    if (!isIP(address)) wrong(`dnsConfig.nameservers[${index}]`, invalid(address, addressRule))
  if (searches.length > mostSearches)
    wrong('dnsConfig.searches', invalid(searches, `must not have more than ${mostSearches} search paths`))
  for (const [index, domain] of searches.entries()) {
    // Names of services such as _tcp may be looked for in, and the root.
    const problem = domain === '.' ? null : subdomainProblem(domain.replace(/\.$/, '').replaceAll('_', '-x-'))
    if (problem) wrong(`dnsConfig.searches[${index}]`, invalid(domain, problem))
  }
  for (const [index, { name }] of options.entries())
    if (!name) wrong(`dnsConfig.options[${index}]`, 'Required value: must not be empty', required)
}

const addressRule = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

function checkAlias(ip: string, hostnames: string[], at: string, wrong: Wrong): void {
  if (!isIP(ip)) wrong(`${at}.ip`, invalid(ip, addressRule))
  for (const name of hostnames) {
    const problem = subdomainProblem(name)
    if (problem) wrong(`${at}.hostnames`, invalid(name, problem))
  }
}

function checkVolumes(volumes: { name: string }[], wrong: Wrong): void {
  const names = new Set<string>()
  for (const [index, { name }] of volumes.entries()) {
    const problem = name ? labelProblem(name) : null
    if (problem) wrong(`volumes[${index}].name`, invalid(name, problem))
    if (names.has(name)) wrong(`volumes[${index}].name`, `Duplicate value: "${name}"`, duplicate)
    names.add(name)
  }
}

/** A hook that sleeps has to be over when its pod has to. */
function checkSleep({ terminationGracePeriodSeconds: grace, containers = [] }: Fields, wrong: Wrong): void {
  for (const [index, { lifecycle }] of containers.entries())
    for (const when of ['postStart', 'preStop']) {
      const seconds = lifecycle?.[when]?.sleep?.seconds
      if (seconds < 0 || seconds > grace)
        wrong(
          `containers[${index}].lifecycle.${when}.sleep`,
          invalid(seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`),
        )
    }
}

const sysctlPattern = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/

const security: Rule = ({ sysctls = [], supplementalGroups = [] }, wrong) => {
  const names = new Set<string>()
  for (const [index, { name }] of sysctls.entries()) {
    const field = `sysctls[${index}].name`
    if (!name) wrong(field, 'Required value', required)
    else if (!sysctlPattern.test(name))
      wrong(
        field,
        invalid(
          name,
          `must have at most 253 characters and match regex ${sysctlPattern.source.slice(1, -1)}`,
        ),
      )
    else if (names.has(name)) wrong(field, `Duplicate value: "${name}"`, duplicate)
    names.add(name)
  }
  for (const [index, group] of supplementalGroups.entries())
    if (group < 0 || group > mostSeconds)
      wrong(`supplementalGroups[${index}]`, invalid(group, `must be between 0 and ${mostSeconds}, inclusive`))
}

export const podRules: Record<string, Rule> = {
  'core.v1.PodSpec': all(pod, podPlacement),
  'core.v1.PodSecurityContext': all(ids(['runAsUser', 'runAsGroup', 'fsGroup']), security),
}
