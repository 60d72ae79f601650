import type { CgroupLimits } from '../../kernel/index.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { podAmount } from '../pod-amount.ts'
import { qosClass } from '../qos-class.ts'
import { parseQuantity } from '../quantity.ts'
import type { ContainerFields } from './container-fields.ts'

const fewestShares = 2
const periodUs = 100_000
const shortestQuotaUs = 1000

/** cpu.shares for what a container requests: 1024 for a processor, at least 2 (the kubelet's MilliCPUToShares). */
export function cpuShares(container: ContainerFields): number {
  return sharesOf(requested(container))
}

/** Microseconds in each 100,000 that a container may run; null without a limit. */
export function cpuQuota({ resources }: ContainerFields): number | null {
  return resources?.limits?.cpu ? quotaOf(parseQuantity(resources.limits.cpu)) : null
}

/** Bytes that a container may use; null without a limit. */
export function memoryLimit({ resources }: ContainerFields): number | null {
  return resources?.limits?.memory ? Math.round(parseQuantity(resources.limits.memory)) : null
}

/** What a pod's containers may use together; there is a limit only where each of them has one. */
export function podLimits(pod: KubernetesObject): Required<Omit<CgroupLimits, 'pids'>> {
  const all: ContainerFields[] = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  const limitOf = (name: string) =>
    all.every(({ resources }) => resources?.limits?.[name])
      ? podAmount<ContainerFields>(pod.spec, ({ resources }) => parseQuantity(resources.limits[name]))
      : null
  const [cpus, bytes] = [limitOf('cpu'), limitOf('memory')]
  return {
    cpuShares: sharesOf(podAmount<ContainerFields>(pod.spec, requested)),
    cpuQuota: cpus === null ? null : quotaOf(cpus),
    memoryBytes: bytes === null ? null : Math.round(bytes),
  }
}

function requested({ resources = {} }: ContainerFields): number {
  const { limits = {}, requests = limits } = resources
  return parseQuantity(requests.cpu ?? limits.cpu ?? '0')
}

function sharesOf(cpus: number): number {
  return Math.max(fewestShares, Math.floor(Math.round(cpus * 1000) * 1.024))
}

function quotaOf(cpus: number): number {
  return Math.max(shortestQuotaUs, Math.round(cpus * periodUs))
}

/** Whom the kernel ends first where memory is short (Kubernetes: node out of memory behavior). */
export function oomScoreAdj(pod: KubernetesObject, container: ContainerFields, memoryBytes: number): number {
  const qos = qosClass(pod.spec)
  if (qos === 'Guaranteed') return -997
  if (qos === 'BestEffort') return 1000
  const { limits = {}, requests = limits } = container.resources ?? {}
  const requested = parseQuantity(requests.memory ?? '0')
  return Math.min(999, Math.max(3, Math.floor(1000 - (1000 * requested) / memoryBytes)))
}
