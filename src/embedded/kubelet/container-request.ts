import type { KubernetesObject } from '../../kubernetes-object.ts'
import {
  allCapabilities,
  type ContainerRequest,
  defaultCapabilities,
  type Image,
  type OciResources,
} from '../runtime/index.ts'
import { containerEnv, type EnvSources, expand } from './container-env.ts'
import type { ContainerFields } from './container-fields.ts'
import { containerUser } from './container-user.ts'
import { cpuQuota, cpuShares, memoryLimit, oomScoreAdj } from './pod-resources.ts'

export interface RequestContext {
  image: Image
  /** Where its root file system is mounted. */
  rootPath?: string
  mounts(env: Record<string, string>): ContainerRequest['mounts']
  /** Variables that tell of Services; the container's own come after them. */
  serviceEnv: Record<string, string>
  sources: EnvSources
  hostname: string
  /** Of the container's cgroup; left out where none can be made. */
  cgroupsPath?: string
  cgroupVersion?: 1 | 2 | null
  /** Controllers that its cgroup has; all where left out. */
  controllers?: string[]
  mapsUserRange: boolean
  /** Bytes of memory of the node. */
  memoryBytes: number
  /** What the kernel lets this node set; 0 where left out. */
  lowestOomScoreAdj?: number
  /** What this node can grant; all where left out. */
  grantable?: Set<string>
  /** PID of the container whose processes this one is to see. */
  targetPid?: number
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** From a container's spec to what the runtime is asked for. Throws `ContainerConfigError`. */
export function containerRequest(
  pod: KubernetesObject,
  container: ContainerFields,
  context: RequestContext,
): ContainerRequest {
  const security = { ...pod.spec.securityContext, ...container.securityContext }
  const { sources, serviceEnv } = context
  const own = containerEnv(pod, container, { services: serviceEnv, sources })
  // What its words may refer to.
  const told = { ...serviceEnv, ...own }
  const privileged = security.privileged === true
  return {
    stopSignal: context.image.stopSignal,
    readonlyRoot: security.readOnlyRootFilesystem === true,
    args: containerArgs(container, context.image).map((word) => expand(word, told)),
    env: { ...givenEnv(container, context), ...told },
    cwd: container.workingDir || context.image.workingDir || '/',
    user: containerUser(security, { ...context, imageUser: context.image.user }),
    capabilities: wantedCapabilities(security).filter((name) => context.grantable?.has(name) ?? true),
    noNewPrivileges: security.allowPrivilegeEscalation === false,
    privileged,
    unmaskedProc: security.procMount === 'Unmasked',
    seccomp: !privileged && security.seccompProfile?.type === 'RuntimeDefault',
    mounts: context.mounts(told),
    stdin: container.stdin === true,
    terminal: container.tty === true,
    pid: pidNamespace(pod, context),
    oomScoreAdj: context.cgroupsPath
      ? Math.max(context.lowestOomScoreAdj ?? 0, oomScoreAdj(pod, container, context.memoryBytes))
      : undefined,
    cgroupsPath: context.cgroupsPath,
    resources: context.cgroupsPath ? ociResources(container, context) : undefined,
  }
}

/** Limits of a container that need a controller which is not there. */
export function unappliedLimits(container: ContainerFields, controllers: string[]): string[] {
  const limits = Object.keys(container.resources?.limits ?? {})
  return limits.filter((name) => ['cpu', 'memory'].includes(name) && !controllers.includes(name))
}

/** `command` replaces the image's entrypoint and its command; `args` replaces the command alone. */
function containerArgs(container: ContainerFields, image: Image): string[] {
  if (container.command?.length) return [...container.command, ...(container.args ?? [])]
  return [...image.entrypoint, ...(container.args ?? image.command)]
}

/** What the runtime and the image give a container. HOME is left to the runtime, which reads it from the image's passwd. */
function givenEnv({ tty }: ContainerFields, { hostname, image }: RequestContext): Record<string, string> {
  return { PATH: path, ...(tty ? { TERM: 'xterm' } : {}), HOSTNAME: hostname, ...image.env }
}

/** A namespace of its own, unless the pod shares one or a debug container looks into another's. */
function pidNamespace({ spec }: KubernetesObject, { targetPid }: RequestContext): ContainerRequest['pid'] {
  if (spec.hostPID) return 'node'
  if (targetPid !== undefined) return { ofProcess: targetPid }
  return spec.shareProcessNamespace ? 'sandbox' : 'own'
}

/** The capabilities that a container's security context asks for, whether or not there is anybody to grant them. */
export function wantedCapabilities({ privileged, capabilities }: ContainerFields): string[] {
  return privileged === true ? allCapabilities : capabilitySet(capabilities)
}

function capabilitySet({ add = [], drop = [] }: { add?: string[]; drop?: string[] } = {}): string[] {
  const named = (names: string[]) =>
    names.includes('ALL') ? allCapabilities : names.map((name) => `CAP_${name.replace(/^CAP_/, '')}`)
  const kept = defaultCapabilities.filter((name) => !named(drop).includes(name))
  return [...new Set([...kept, ...named(add)])]
}

function ociResources(
  container: ContainerFields,
  { cgroupVersion, controllers }: RequestContext,
): OciResources {
  const [memory, quota] = [memoryLimit(container), cpuQuota(container)]
  const has = (name: string) => controllers?.includes(name) ?? true
  return {
    ...(memory !== null && has('memory') ? { memory: { limit: memory } } : {}),
    ...(has('cpu')
      ? { cpu: { shares: cpuShares(container), ...(quota === null ? {} : { period: 100_000, quota }) } }
      : {}),
    // A container without one of its processes would be worse off than none (kubelet: singleProcessOOMKill).
    ...(cgroupVersion === 2 && has('memory') ? { unified: { 'memory.oom.group': '1' } } : {}),
  }
}
