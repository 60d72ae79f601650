import { isSidecar } from '../../../sidecar.ts'
import { isQuantity, parseQuantity } from '../../quantity.ts'
import { environmentRules } from './environment.ts'
import { portNameProblems } from './names.ts'
import {
  all,
  atLeast,
  duplicate,
  forbidden,
  invalid,
  notActedOn,
  notSupported,
  type Rule,
  required,
  type Wrong,
} from './rule.ts'

// biome-ignore lint/suspicious/noExplicitAny: fields that were checked against their schema
type Fields = any

const container: Rule = (value, wrong) => {
  checkPorts(value.ports ?? [], wrong)
  checkMounts(value.volumeMounts ?? [], wrong)
  for (const kind of ['livenessProbe', 'startupProbe']) {
    const threshold = value[kind]?.successThreshold
    if (threshold !== undefined && threshold > 1)
      wrong(`${kind}.successThreshold`, invalid(threshold, 'must be 1'))
  }
  const graceSeconds = value.readinessProbe?.terminationGracePeriodSeconds
  if (graceSeconds !== undefined)
    wrong(
      'readinessProbe.terminationGracePeriodSeconds',
      invalid(graceSeconds, 'must not be set for readinessProbes'),
    )
}

function checkPorts(ports: Fields[], wrong: Wrong): void {
  const names = new Set<string>()
  for (const [index, { name }] of ports.entries()) {
    for (const problem of name ? portNameProblems(name) : [])
      wrong(`ports[${index}].name`, invalid(name, problem))
    if (names.has(name)) wrong(`ports[${index}].name`, `Duplicate value: "${name}"`, duplicate)
    if (name) names.add(name)
  }
}

function checkMounts(mounts: Fields[], wrong: Wrong): void {
  const paths = new Set<string>()
  for (const [index, { mountPath, subPath, subPathExpr }] of mounts.entries()) {
    const at = `volumeMounts[${index}]`
    if (mountPath && paths.has(mountPath)) wrong(`${at}.mountPath`, invalid(mountPath, 'must be unique'))
    paths.add(mountPath)
    if (subPath && subPathExpr)
      wrong(`${at}.subPathExpr`, invalid(subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
    for (const [field, path] of Object.entries({ subPath, subPathExpr })) {
      const problem = path ? descendingProblem(path) : null
      if (problem) wrong(`${at}.${field}`, invalid(path, problem))
    }
  }
}

/** What is wrong with a path below another; null for one that stays there. */
export function descendingProblem(path: string): string | null {
  if (path.startsWith('/')) return 'must be a relative path'
  return path.split('/').includes('..') ? "must not contain '..'" : null
}

const probe: Rule = (value, wrong) => {
  checkHandler(value, '', wrong)
  if (value.terminationGracePeriodSeconds <= 0)
    wrong(
      'terminationGracePeriodSeconds',
      invalid(value.terminationGracePeriodSeconds, 'must be greater than 0'),
    )
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']

/** What a probe or a hook does: one thing. */
function checkHandler(value: Fields, at: string, wrong: Wrong): void {
  const [first, ...others] = handlers.filter((handler) => value[handler])
  if (!first) wrong(at, 'Required value: must specify a handler type', required)
  for (const other of others) wrong(other, 'Forbidden: may not specify more than 1 handler type', forbidden)
}

const hook: Rule = (value, wrong) => checkHandler(value, '', wrong)

const execAction: Rule = ({ command }, wrong) => {
  if (!command?.length) wrong('command', 'Required value', required)
}

const portAction: Rule = ({ port }, wrong) => {
  for (const problem of portProblems(port)) wrong('port', invalid(port, problem))
}

/** All that is wrong with a port's number or name. */
export function portProblems(port: unknown): string[] {
  if (typeof port === 'string') return portNameProblems(port)
  return Number(port) >= 1 && Number(port) <= 65535 ? [] : ['must be between 1 and 65535, inclusive']
}

const headers: Rule = ({ httpHeaders = [] }, wrong) => {
  const rule =
    "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"
  for (const { name } of httpHeaders)
    if (!/^[-A-Za-z0-9]+$/.test(name)) wrong('httpHeaders', invalid(name, rule))
}

const resources: Rule = ({ limits = {}, requests = {} }, wrong) => {
  for (const [field, amounts] of Object.entries({ limits, requests }))
    for (const [name, amount] of Object.entries(amounts as Record<string, string>)) {
      const problem = resourceNameProblem(name)
      if (problem) wrong(`${field}[${name}]`, invalid(name, problem))
      checkAmount(`${field}[${name}]`, name, amount, wrong)
    }
  for (const [name, amount] of Object.entries(requests).filter(([each]) => isExtended(each))) {
    if (limits[name] === undefined)
      wrong('limits', 'Required value: Limit must be set for non overcommitable resources', required)
    else if (parseQuantity(amount as string) !== parseQuantity(limits[name]))
      wrong('requests', invalid(amount, `must be equal to ${name} limit of ${limits[name]}`))
  }
  const all = Object.keys({ ...limits, ...requests })
  if (all.some((name) => name.startsWith('hugepages-')) && !all.includes('cpu') && !all.includes('memory'))
    wrong('', 'Forbidden: HugePages require cpu or memory', forbidden)
}

function checkAmount(field: string, name: string, amount: string, wrong: Wrong): void {
  if (!isQuantity(amount)) return
  const value = parseQuantity(amount)
  if (value < 0) wrong(field, invalid(String(amount), 'must be greater than or equal to 0'))
  else if (isExtended(name) && !Number.isInteger(value)) wrong(field, invalid(amount, 'must be an integer'))
}

const standardResource = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/

function resourceNameProblem(name: string): string | null {
  return name.includes('/') || standardResource.test(name)
    ? null
    : 'must be a standard resource for containers'
}

function isExtended(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/')
}

/** Of Linux. */
const largestId = 2 ** 31 - 1

/** What may be said of a pod and of each of its containers. */
export const ids = (fields: string[]): Rule => {
  return (value, wrong) => {
    for (const field of fields)
      if (value[field] < 0 || value[field] > largestId)
        wrong(field, invalid(value[field], `must be between 0 and ${largestId}, inclusive`))
  }
}

const security: Rule = ({ privileged, allowPrivilegeEscalation, capabilities }, wrong) => {
  if (allowPrivilegeEscalation !== false) return
  const why = 'cannot set `allowPrivilegeEscalation` to false and'
  if (privileged) wrong('', invalid('', `${why} \`privileged\` to true`))
  if (capabilities?.add?.includes('CAP_SYS_ADMIN'))
    wrong('', invalid('', `${why} \`capabilities.Add\` CAP_SYS_ADMIN`))
}

const seccomp: Rule = ({ type, localhostProfile }, wrong) => {
  if (type === 'Localhost' && !localhostProfile)
    wrong('localhostProfile', 'Required value: must be set when seccomp type is Localhost', required)
  if (type !== 'Localhost' && localhostProfile)
    wrong('localhostProfile', invalid(localhostProfile, 'can only be set when seccomp type is Localhost'))
}

/** An init container that ends has nobody to watch it; one that stays is watched like any other. */
export function checkInit(value: Fields, at: string, wrong: Wrong): void {
  if (value.restartPolicy && value.restartPolicy !== 'Always')
    wrong(
      `${at}.restartPolicy`,
      `Unsupported value: "${value.restartPolicy}": supported values: "Always"`,
      notSupported,
    )
  if (isSidecar(value)) return
  for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'])
    if (value[field])
      wrong(
        `${at}.${field}`,
        'Forbidden: may not be set for init containers without restartPolicy=Always',
        forbidden,
      )
}

/** In Kubernetes 1.34 a main container may say so, too (ContainerRestartRules); nothing acts on it here. */
export function checkMain({ restartPolicy }: Fields, at: string, wrong: Wrong): void {
  if (restartPolicy !== undefined) wrong(`${at}.restartPolicy`, notActedOn, forbidden)
}

const numbers = {
  initialDelaySeconds: 0,
  timeoutSeconds: 0,
  periodSeconds: 0,
  successThreshold: 0,
  failureThreshold: 0,
}

export const containerRules: Record<string, Rule> = {
  ...environmentRules,
  'core.v1.Container': container,
  'core.v1.Probe': all(atLeast(numbers), probe),
  'core.v1.LifecycleHandler': hook,
  'core.v1.ExecAction': execAction,
  'core.v1.HTTPGetAction': all(portAction, headers),
  'core.v1.TCPSocketAction': portAction,
  'core.v1.GRPCAction': portAction,
  'core.v1.ResourceRequirements': resources,
  'core.v1.SecurityContext': all(ids(['runAsUser', 'runAsGroup']), security),
  'core.v1.SeccompProfile': seccomp,
}
