import type { KubernetesObject } from '../../kubernetes-object.ts'
import { ContainerConfigError, type ContainerFields } from './container-fields.ts'
import { fieldValue, type PodPlace, resourceValue } from './downward-api.ts'

/** Finds an object by name and namespace. */
export type Lookup = (name: string, namespace?: string) => KubernetesObject | undefined

export interface EnvSources {
  configMap: Lookup
  secret: Lookup
  place: PodPlace
}

type Env = Record<string, string>

/**
 * A container's own variables, in the order in which they may refer to each other: `envFrom`, then `env`. They may refer
 * to those of `services`, too, and not to what is the image's or the runtime's. Throws `ContainerConfigError` for a
 * source that is not there.
 */
export function containerEnv(
  pod: KubernetesObject,
  container: ContainerFields,
  { services, sources }: { services: Env; sources: EnvSources },
): Env {
  const env: Env = {}
  for (const from of container.envFrom ?? []) Object.assign(env, envFrom(pod, from, sources))
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? valueFrom(pod, container, variable.valueFrom, sources)
      : expand(variable.value ?? '', { ...services, ...env })
    if (value !== undefined) env[variable.name] = value
  }
  return env
}

/** $(NAME) by the value of NAME; $$(NAME) is how to write one that stays, as one does that nobody has set. */
export function expand(
  text: string,
  env: Env,
  unset: (name: string) => string = (name) => `$(${name})`,
): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (_whole, next: string, name: string) =>
    next === '$' ? '$' : Object.hasOwn(env, name) ? env[name]! : unset(name),
  )
}

/** The text or bytes that a ConfigMap or a Secret holds, by key. */
export function contentOf({ kind, data = {}, binaryData = {} }: KubernetesObject): Record<string, Buffer> {
  const bytes = (encoding: BufferEncoding) => (map: object) =>
    Object.entries(map).map(([key, value]) => [key, Buffer.from(value, encoding)] as const)
  const own = kind === 'Secret' ? bytes('base64')(data) : bytes('utf8')(data)
  return Object.fromEntries([...own, ...bytes('base64')(binaryData)])
}

/** What variables are made of: nothing that a ConfigMap holds as bytes. */
function textOf({ binaryData: _bytes, ...rest }: KubernetesObject): Record<string, Buffer> {
  return contentOf(rest)
}

function envFrom(pod: KubernetesObject, from: ContainerFields, sources: EnvSources): Env {
  const [kind, ref, lookup] = from.secretRef
    ? (['secret', from.secretRef, sources.secret] as const)
    : (['configmap', from.configMapRef, sources.configMap] as const)
  const found = lookup(ref.name, pod.metadata.namespace)
  if (!found && !ref.optional) throw new ContainerConfigError(`${kind} "${ref.name}" not found`)
  const entries = Object.entries(found ? textOf(found) : {})
  return Object.fromEntries(entries.map(([key, value]) => [`${from.prefix ?? ''}${key}`, value.toString()]))
}

function valueFrom(
  pod: KubernetesObject,
  container: ContainerFields,
  from: ContainerFields,
  sources: EnvSources,
): string | undefined {
  if (from.fieldRef) {
    const { fieldPath } = from.fieldRef
    const value = fieldValue(pod, fieldPath, sources.place)
    if (value === undefined) throw new ContainerConfigError(`unsupported fieldPath: ${fieldPath}`)
    return value
  }
  if (from.resourceFieldRef) {
    const { containerName = container.name } = from.resourceFieldRef
    const named = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(
      ({ name }: ContainerFields) => name === containerName,
    )
    return resourceValue(named ?? container, from.resourceFieldRef, sources.place)
  }
  const [kind, ref, lookup] = from.secretKeyRef
    ? (['secret', from.secretKeyRef, sources.secret] as const)
    : (['configmap', from.configMapKeyRef, sources.configMap] as const)
  return keyOf(kind, ref, lookup(ref.name, pod.metadata.namespace))?.toString()
}

function keyOf(kind: string, ref: ContainerFields, found: KubernetesObject | undefined): Buffer | undefined {
  const content = found ? textOf(found) : {}
  const value = Object.hasOwn(content, ref.key) ? content[ref.key] : undefined
  if (value !== undefined || ref.optional) return value
  if (!found) throw new ContainerConfigError(`${kind} "${ref.name}" not found`)
  const where = `${found.metadata.namespace}/${ref.name}`
  throw new ContainerConfigError(
    `couldn't find key ${ref.key} in ${kind === 'secret' ? 'Secret' : 'ConfigMap'} ${where}`,
  )
}
