import type { KubernetesObject } from '../../kubernetes-object.ts'
import {
  allCapabilities,
  type ContainerRequest,
  defaultCapabilities,
  type Image,
  type OciResources,
} from '../runtime/index.ts'
import { parseQuantity } from './quantity.ts'

// biome-ignore lint/suspicious/noExplicitAny: a container as the pod's spec has it, checked by the API server
export type ContainerFields = Record<string, any>

export interface RequestContext {
  image: Image
  mounts: ContainerRequest['mounts']
  /** Variables that tell of Services; the container's own come after them. */
  serviceEnv: Record<string, string>
  hostname: string
  cgroupsPath?: string
  mapsUserRange: boolean
}

/** Something in a container's spec that this node cannot do: the reason that the container waits. */
export class ContainerConfigError extends Error {
  readonly isContainerConfigError = true
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** From a container's spec to what the runtime is asked for. Throws `ContainerConfigError`. */
export function containerRequest(
  pod: KubernetesObject,
  container: ContainerFields,
  context: RequestContext,
): ContainerRequest {
  const security = { ...pod.spec.securityContext, ...container.securityContext }
  const env = containerEnv(container, context)
  const privileged = security.privileged === true
  return {
    readonlyRoot: security.readOnlyRootFilesystem === true,
    args: containerArgs(container, context.image).map((word) => expand(word, env)),
    env,
    cwd: container.workingDir ?? '/',
    user: containerUser(security, context.mapsUserRange),
    capabilities: privileged ? allCapabilities : capabilitySet(security.capabilities),
    noNewPrivileges: security.allowPrivilegeEscalation === false,
    privileged,
    mounts: context.mounts,
    cgroupsPath: context.cgroupsPath,
    resources: context.cgroupsPath ? ociResources(container) : undefined,
  }
}

/** Whether a container asks for limits that need a cgroup. */
export function hasLimits(container: ContainerFields): boolean {
  return Object.keys(container.resources?.limits ?? {}).length > 0
}

/** `command` replaces the image's entrypoint and its command; `args` replaces the command alone. */
function containerArgs(container: ContainerFields, image: Image): string[] {
  if (container.command?.length) return [...container.command, ...(container.args ?? [])]
  return [...image.entrypoint, ...(container.args ?? image.command)]
}

function containerEnv(container: ContainerFields, context: RequestContext): Record<string, string> {
  const env: Record<string, string> = {
    PATH: path,
    HOSTNAME: context.hostname,
    ...context.serviceEnv,
    HOME: '/root',
  }
  for (const { name, value = '' } of container.env ?? []) env[name] = expand(value, env)
  return env
}

/** $(NAME) by the value of NAME; $$(NAME) is how to write one that stays. */
function expand(text: string, env: Record<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, next: string, name: string) =>
    next === '$' ? '$' : (env[name] ?? whole),
  )
}

function containerUser(security: ContainerFields, mapsUserRange: boolean): ContainerRequest['user'] {
  const uid = security.runAsUser ?? 0
  const gid = security.runAsGroup ?? 0
  if (security.runAsNonRoot && uid === 0) {
    throw new ContainerConfigError('container has runAsNonRoot and image will run as root')
  }
  if (!mapsUserRange && (uid !== 0 || gid !== 0)) {
    throw new ContainerConfigError(
      `runAsUser ${uid}, runAsGroup ${gid}: one user ID alone is mapped here; install uidmap and give this user a range in /etc/subuid and /etc/subgid`,
    )
  }
  return { uid, gid, additionalGids: [] }
}

function capabilitySet({ add = [], drop = [] }: { add?: string[]; drop?: string[] } = {}): string[] {
  const named = (names: string[]) =>
    names.includes('ALL') ? allCapabilities : names.map((name) => `CAP_${name.replace(/^CAP_/, '')}`)
  const kept = defaultCapabilities.filter((name) => !named(drop).includes(name))
  return [...new Set([...kept, ...named(add)])]
}

function ociResources({ resources = {} }: ContainerFields): OciResources {
  const { limits = {}, requests = limits } = resources
  const cpuShares = requests.cpu ? Math.max(2, Math.round(parseQuantity(requests.cpu) * 1024)) : 2
  return {
    ...(limits.memory ? { memory: { limit: Math.round(parseQuantity(limits.memory)) } } : {}),
    cpu: {
      shares: cpuShares,
      ...(limits.cpu
        ? { period: 100_000, quota: Math.max(1000, Math.round(parseQuantity(limits.cpu) * 100_000)) }
        : {}),
    },
  }
}
