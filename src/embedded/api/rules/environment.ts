import { configKeyProblem, keyProblem, variableNameProblem } from './names.ts'
import { invalid, notSupported, type Rule, required, type Wrong } from './rule.ts'

/** Fields of a pod that can be told to its containers. */
const told = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.phase',
  'status.podIP',
  'status.podIPs',
]

const inVariables = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

const inFiles = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]

const resourceInVariables = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/

const variable: Rule = ({ name, value, valueFrom }, wrong) => {
  const problem = name ? variableNameProblem(name) : null
  if (problem) wrong('name', invalid(name, problem))
  if (!valueFrom) return
  const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef'].filter(
    (source) => valueFrom[source],
  )
  const refuse = (why: string) => wrong('valueFrom', invalid('', why))
  if (!sources.length)
    refuse('must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`')
  else if (value) refuse('may not be specified when `value` is not empty')
  if (sources.length > 1) refuse('may not have more than one field specified at a time')
  if (valueFrom.fieldRef)
    checkField(valueFrom.fieldRef.fieldPath, inVariables, at('valueFrom.fieldRef', wrong))
  for (const source of ['configMapKeyRef', 'secretKeyRef'])
    if (valueFrom[source]) checkKey(valueFrom[source], at(`valueFrom.${source}`, wrong))
}

function at(path: string, wrong: Wrong): Wrong {
  return (field, ...what) => wrong(`${path}.${field}`, ...what)
}

function checkField(path: string | undefined, served: string[], wrong: Wrong): void {
  if (!path) return
  const [, name, key] = /^([^[]*)\['(.*)'\]$/.exec(path) ?? []
  if (name !== undefined && key !== undefined) {
    if (name !== 'metadata.labels' && name !== 'metadata.annotations')
      wrong('fieldPath', invalid(path, 'does not support subscript'))
    else {
      const problem = keyProblem(name === 'metadata.labels' ? key : key.toLowerCase())
      if (problem) wrong('fieldPath', invalid(key, problem))
    }
  } else if (!told.includes(path))
    wrong('fieldPath', invalid(path, `error converting fieldPath: field label not supported: ${path}`))
  else if (!served.includes(path)) {
    const list = served.map((each) => `"${each}"`).join(', ')
    wrong('fieldPath', `Unsupported value: "${path}": supported values: ${list}`, notSupported)
  }
}

function checkKey({ name, key }: { name?: string; key?: string }, wrong: Wrong): void {
  if (!name) wrong('name', 'Required value', required)
  const problem = key ? configKeyProblem(key) : null
  if (problem) wrong('key', invalid(key, problem))
}

const divisors: Record<string, RegExp> = {
  cpu: /^(0|1|1m)$/,
  other: /^(0|1|1[kMGTPE]|1[KMGTPE]i)$/,
}

const resourceField: Rule = ({ resource, divisor = '0' }, wrong) => {
  if (!resource) return
  if (!resourceInVariables.test(resource)) {
    const list = ['limits', 'requests'].flatMap((kind) =>
      ['cpu', 'ephemeral-storage', 'memory'].map((name) => `"${kind}.${name}"`),
    )
    wrong('resource', `Unsupported value: "${resource}": supported values: ${list.join(', ')}`, notSupported)
    return
  }
  const known = divisors[resource.endsWith('.cpu') ? 'cpu' : 'other']!
  if (!known.test(String(divisor)))
    wrong('divisor', invalid(divisor, `not a divisor that is supported with the ${resource} resource`))
}

const source: Rule = ({ prefix, configMapRef, secretRef }, wrong) => {
  const problem = prefix ? variableNameProblem(prefix) : null
  if (problem) wrong('prefix', invalid(prefix, problem))
  if (configMapRef && secretRef)
    wrong('', invalid('', 'may not have more than one field specified at a time'))
  if (!configMapRef && !secretRef)
    wrong('', invalid('', 'must specify one of: `configMapRef` or `secretRef`'))
  for (const [field, ref] of Object.entries({ configMapRef, secretRef }))
    if (ref && !ref.name) wrong(`${field}.name`, 'Required value', required)
}

const file: Rule = ({ fieldRef, resourceFieldRef }, wrong) => {
  if (fieldRef && resourceFieldRef)
    wrong('', invalid('resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  if (!fieldRef && !resourceFieldRef)
    wrong('', 'Required value: one of fieldRef and resourceFieldRef is required', required)
  if (fieldRef) checkField(fieldRef.fieldPath, inFiles, at('fieldRef', wrong))
  if (resourceFieldRef && !resourceFieldRef.containerName)
    wrong('resourceFieldRef.containerName', 'Required value', required)
}

/** How a container's variables, and the files of a downwardAPI volume, come by what they say. */
export const environmentRules: Record<string, Rule> = {
  'core.v1.EnvVar': variable,
  'core.v1.EnvFromSource': source,
  'core.v1.ResourceFieldSelector': resourceField,
  'core.v1.DownwardAPIVolumeFile': file,
}
