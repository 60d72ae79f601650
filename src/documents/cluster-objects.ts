import { parseAddress } from '../cidr.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'
import { type FieldProblem, fitShape, Problems } from '../policy/index.ts'
import type { YamlPath } from '../yaml-source.ts'
import { clusterShapes } from './cluster-shapes.ts'

/**
 * An object that is no policy, without its nulls, and what is wrong with it in the fields that a prediction looks at.
 * With problems, it is what could be understood.
 */
export function fitClusterObject(object: KubernetesObject): {
  object: KubernetesObject
  problems: FieldProblem[]
} {
  const { apiVersion, kind } = object
  const shape = clusterShapes[`${apiVersion} ${kind}`]
  if (!shape) return { object, problems: [] }
  const problems = new Problems()
  const fitted = fitShape(object, shape, [], problems) as KubernetesObject
  const template = templatePath(kind)
  if (template) {
    const inner = template.reduce((value, key) => value?.[key], fitted) as { spec?: PodSpec } | undefined
    checkPorts(inner?.spec, [...template, 'spec'], problems)
  }
  if (kind === 'Pod') {
    checkPorts(fitted.spec, ['spec'], problems)
    checkAddresses(fitted.status, problems)
  }
  return { object: fitted, problems: problems.list }
}

/** Where a workload keeps the pod that it makes. */
function templatePath(kind: string): string[] | null {
  if (kind === 'CronJob') return ['spec', 'jobTemplate', 'spec', 'template']
  const workloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job']
  return workloads.includes(kind) ? ['spec', 'template'] : null
}

type PodSpec = Partial<Record<'containers' | 'initContainers', { ports?: { containerPort?: number }[] }[]>>

function checkPorts(spec: PodSpec | undefined, path: YamlPath, problems: Problems): void {
  for (const list of ['containers', 'initContainers'] as const)
    for (const [index, { ports = [] }] of (spec?.[list] ?? []).entries())
      for (const [at, { containerPort = 1 }] of ports.entries())
        if (containerPort < 1 || containerPort > 65535)
          problems.add([...path, list, index, 'ports', at, 'containerPort'], 'must be between 1 and 65535')
}

interface PodStatus {
  podIP?: string
  podIPs?: { ip?: string }[]
}

function checkAddresses({ podIP, podIPs = [] }: PodStatus = {}, problems: Problems): void {
  checkAddress(podIP, ['status', 'podIP'], problems)
  for (const [index, { ip }] of podIPs.entries())
    checkAddress(ip, ['status', 'podIPs', index, 'ip'], problems)
}

function checkAddress(value: string | undefined, path: YamlPath, problems: Problems): void {
  if (value && !parseAddress(value)) problems.add(path, `${JSON.stringify(value)} is not an IP address`)
}
