import type { KubeClient } from '../kube/index.ts'
import type { NodeRef } from './cluster.ts'

/** The cluster's nodes with their `InternalIP`, by name. */
export async function nodesOf(kube: KubeClient): Promise<NodeRef[]> {
  const nodes = await kube.list('v1', 'Node')
  return nodes
    .map(({ metadata, status }) => ({
      name: metadata.name,
      address:
        status?.addresses?.find(({ type }: { type: string }) => type === 'InternalIP')?.address ?? 'unknown',
    }))
    .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }))
}

/** Names of the nodes that run pods now; what is not ready can neither prove nor enforce anything. */
export async function readyNodesOf(kube: KubeClient): Promise<string[]> {
  const nodes = await kube.list('v1', 'Node')
  const isReady = (conditions: { type: string; status: string }[] = []) =>
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  return nodes
    .filter(({ status }) => isReady(status?.conditions))
    .map(({ metadata }) => metadata.name)
    .sort()
}
