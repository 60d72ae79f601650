import { parseAddress } from '../cidr.ts'
import type { KubernetesObject } from '../kubernetes-object.ts'
import type { FieldProblem } from '../policy/index.ts'
import type { YamlPath } from '../yaml-source.ts'

/** What is wrong with an object that is no policy, in the fields that a prediction looks at. */
export function checkClusterObject(object: KubernetesObject): FieldProblem[] {
  const problems: FieldProblem[] = []
  const { metadata, kind, spec, status } = object
  checkTexts(metadata.labels, ['metadata', 'labels'], problems)
  const template = templatePath(kind)
  if (template) {
    const inner = template.reduce((value, key) => value?.[key], object) as
      | Partial<KubernetesObject>
      | undefined
    checkTexts(inner?.metadata?.labels, [...template, 'metadata', 'labels'], problems)
    checkContainers(inner?.spec, [...template, 'spec'], problems)
  }
  if (kind !== 'Pod') return problems
  checkContainers(spec, ['spec'], problems)
  checkAddress(status?.podIP, ['status', 'podIP'], problems)
  if (Array.isArray(status?.podIPs))
    for (const [index, entry] of status.podIPs.entries())
      checkAddress(entry?.ip, ['status', 'podIPs', index, 'ip'], problems)
  return problems
}

/** Where a workload keeps the pod that it makes. */
function templatePath(kind: string): string[] | null {
  if (kind === 'CronJob') return ['spec', 'jobTemplate', 'spec', 'template']
  const workloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job']
  return workloads.includes(kind) ? ['spec', 'template'] : null
}

function checkTexts(value: unknown, path: YamlPath, problems: FieldProblem[]): void {
  if (value === undefined || value === null) return
  if (typeof value !== 'object' || Array.isArray(value)) {
    problems.push({ path, message: 'must be a map' })
    return
  }
  for (const [key, text] of Object.entries(value))
    if (typeof text !== 'string')
      problems.push({
        path: [...path, key],
        message: `must be text, not ${JSON.stringify(text)}`,
        fix: 'quote it',
      })
}

// biome-ignore lint/suspicious/noExplicitAny: a pod's spec as it was written, not checked yet
function checkContainers(spec: any, path: YamlPath, problems: FieldProblem[]): void {
  for (const list of ['containers', 'initContainers']) {
    const containers = spec?.[list]
    if (containers === undefined || containers === null) continue
    if (!Array.isArray(containers)) problems.push({ path: [...path, list], message: 'must be a list' })
    else
      for (const [index, container] of containers.entries())
        checkPorts(container?.ports, [...path, list, index, 'ports'], problems)
  }
}

function checkPorts(ports: unknown, path: YamlPath, problems: FieldProblem[]): void {
  if (ports === undefined || ports === null) return
  if (!Array.isArray(ports)) {
    problems.push({ path, message: 'must be a list' })
    return
  }
  for (const [index, port] of ports.entries()) {
    const { containerPort, protocol = 'TCP' } = port ?? {}
    if (!Number.isInteger(containerPort) || containerPort < 1 || containerPort > 65535)
      problems.push({ path: [...path, index, 'containerPort'], message: 'must be between 1 and 65535' })
    if (!['TCP', 'UDP', 'SCTP'].includes(protocol))
      problems.push({ path: [...path, index, 'protocol'], message: 'must be TCP, UDP or SCTP' })
  }
}

function checkAddress(value: unknown, path: YamlPath, problems: FieldProblem[]): void {
  if (value === undefined || value === null || value === '') return
  if (typeof value !== 'string' || !parseAddress(value))
    problems.push({ path, message: `${JSON.stringify(value)} is not an IP address` })
}
