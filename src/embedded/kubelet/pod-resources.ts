import type { KubernetesObject } from '../../kubernetes-object.ts'
import { parseQuantity } from '../quantity.ts'
import type { ContainerFields } from './container-request.ts'
import { qosClass } from './pod-status.ts'

const fewestShares = 2
const periodUs = 100_000
const shortestQuotaUs = 1000

/** cpu.shares for the sum of what containers request: 1024 for a processor, at least 2 (the kubelet's MilliCPUToShares). */
export function cpuShares(containers: ContainerFields[]): number {
  const cpus = sum(containers, ({ limits = {}, requests = limits }) => requests.cpu ?? limits.cpu ?? '0')
  return Math.max(fewestShares, Math.floor(Math.round(cpus * 1000) * 1.024))
}

/** Microseconds in each 100,000 that containers may run in all; null where one of them has no limit. */
export function cpuQuota(containers: ContainerFields[]): number | null {
  if (!containers.every(({ resources }) => resources?.limits?.cpu)) return null
  return Math.max(shortestQuotaUs, Math.round(sum(containers, ({ limits }) => limits.cpu) * periodUs))
}

/** Bytes that containers may use in all; null where one of them has no limit. */
export function memoryLimit(containers: ContainerFields[]): number | null {
  if (!containers.every(({ resources }) => resources?.limits?.memory)) return null
  return Math.round(sum(containers, ({ limits }) => limits.memory))
}

/** Whom the kernel ends first where memory is short (Kubernetes: node out of memory behavior). */
export function oomScoreAdj(pod: KubernetesObject, container: ContainerFields, memoryBytes: number): number {
  const qos = qosClass(pod)
  if (qos === 'Guaranteed') return -997
  if (qos === 'BestEffort') return 1000
  const { limits = {}, requests = limits } = container.resources ?? {}
  const requested = parseQuantity(requests.memory ?? '0')
  return Math.min(999, Math.max(3, Math.floor(1000 - (1000 * requested) / memoryBytes)))
}

function sum(containers: ContainerFields[], quantity: (resources: ContainerFields) => string): number {
  return containers.reduce((total, { resources }) => total + parseQuantity(quantity(resources ?? {})), 0)
}
