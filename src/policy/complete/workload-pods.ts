import { describeObject, type KubernetesObject } from '../../kubernetes-object.ts'

/** Where each kind of workload keeps the pod that it makes. */
const templatePaths: Record<string, string[]> = {
  'apps/v1 Deployment': ['template'],
  'apps/v1 StatefulSet': ['template'],
  'apps/v1 DaemonSet': ['template'],
  'apps/v1 ReplicaSet': ['template'],
  'v1 ReplicationController': ['template'],
  'batch/v1 Job': ['template'],
  'batch/v1 CronJob': ['jobTemplate', 'spec', 'template'],
}

/**
 * One pod for each workload that has none among `objects`, named after it. What another workload made, what is done
 * and what is scaled to zero makes none.
 */
export function workloadPods(objects: KubernetesObject[]): {
  pods: KubernetesObject[]
  assumptions: string[]
} {
  const given = objects.filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Pod')
  const names = new Set(given.map(fullName))
  const pods: KubernetesObject[] = []
  const assumptions: string[] = []
  for (const workload of objects) {
    const template = templateOf(workload)
    if (!template || isIdle(workload) || given.some((pod) => isMadeFrom(pod, workload, template))) continue
    const namespace = workload.metadata.namespace ?? 'default'
    const plain = workload.metadata.name
    const name = names.has(`${namespace}/${plain}`) ? `${plain}-${workload.kind.toLowerCase()}` : plain
    names.add(`${namespace}/${name}`)
    const metadata = { name, namespace, labels: template.metadata?.labels ?? {} }
    pods.push({ apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec ?? {} })
    assumptions.push(`${describeObject(workload)} has no pods here: ${namespace}/${name} stands for them`)
  }
  return { pods, assumptions }
}

type Template = Partial<Pick<KubernetesObject, 'metadata'>> & { spec?: KubernetesObject['spec'] }

function templateOf({ apiVersion, kind, spec }: KubernetesObject): Template | undefined {
  return templatePaths[`${apiVersion} ${kind}`]?.reduce((value, key) => value?.[key], spec)
}

function isIdle({ metadata, spec, status }: KubernetesObject): boolean {
  const made = metadata.ownerReferences?.some(({ controller }) => controller) ?? false
  return made || spec.replicas === 0 || Boolean(status?.completionTime)
}

function isMadeFrom(pod: KubernetesObject, workload: KubernetesObject, { metadata }: Template): boolean {
  if ((pod.metadata.namespace ?? 'default') !== (workload.metadata.namespace ?? 'default')) return false
  const labels = Object.entries(metadata?.labels ?? {})
  return labels.length > 0 && labels.every(([key, value]) => pod.metadata.labels?.[key] === value)
}

function fullName({ metadata }: KubernetesObject): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`
}
