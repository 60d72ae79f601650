import type { KubernetesObject } from '../../../kubernetes-object.ts'
import type { Storage } from '../kind.ts'

// biome-ignore lint/suspicious/noExplicitAny: parts of objects that were checked against their schema
type Json = any

/** By path: kinds that are another view of what is stored as another one. */
export const otherVersions: Record<string, Storage> = {
  'apis/autoscaling/v1/horizontalpodautoscalers': {
    resource: 'apis/autoscaling/v2/horizontalpodautoscalers',
    load: autoscalerToV1,
    save: autoscalerToV2,
  },
  'apis/events.k8s.io/v1/events': { resource: 'api/v1/events', load: eventToNew, save: eventToCore },
}

function autoscalerToV2({ spec, ...rest }: KubernetesObject): KubernetesObject {
  const { targetCPUUtilizationPercentage: percent, ...kept } = spec
  const target = { type: 'Utilization', averageUtilization: percent ?? 80 }
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    spec: { ...kept, metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }] },
  } as KubernetesObject
}

function autoscalerToV1({ spec, ...rest }: KubernetesObject): KubernetesObject {
  const { metrics = [], behavior: _behavior, ...kept } = spec
  const cpu = metrics.find((each: Json) => each.resource?.name === 'cpu')
  const targetCPUUtilizationPercentage = cpu?.resource.target.averageUtilization
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    spec: { ...kept, ...(targetCPUUtilizationPercentage ? { targetCPUUtilizationPercentage } : {}) },
  } as KubernetesObject
}

/** Name in events.k8s.io/v1, name in v1. */
const eventFields: [string, string][] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
]

function eventToCore(event: KubernetesObject): KubernetesObject {
  const renamed = new Map(eventFields)
  const entries = Object.entries(event).map(([field, value]) => [renamed.get(field) ?? field, value])
  return { ...Object.fromEntries(entries), apiVersion: 'v1' }
}

function eventToNew(event: KubernetesObject): KubernetesObject {
  const renamed = new Map(eventFields.map(([ours, core]) => [core, ours]))
  const entries = Object.entries(event).map(([field, value]) => [renamed.get(field) ?? field, value])
  return { ...Object.fromEntries(entries), apiVersion: 'events.k8s.io/v1' }
}
