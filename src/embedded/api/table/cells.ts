import type { KubernetesObject, OwnerReference } from '../../../kubernetes-object.ts'
import { nodeAddress, nodeRoles, nodeStatus, podReady, podRestarts, podStatus } from './cell-texts.ts'
import { age, duration } from './duration.ts'
import { pathColumn } from './path-column.ts'
import { containerTexts, selectorText } from './texts.ts'

/** What a column of a kind shows: a path into the object, or what is made of it. */
export type Cell = string | ((object: KubernetesObject) => string | number | boolean)

/** By resource and the column's published name. Name, Age and Created At are the same everywhere. */
export const cells: Record<string, Record<string, Cell>> = {
  'api/v1/namespaces': { Status: '.status.phase' },
  'api/v1/nodes': {
    Status: nodeStatus,
    Roles: nodeRoles,
    Version: '.status.nodeInfo.kubeletVersion',
    'Internal-IP': nodeAddress,
    'OS-Image': '.status.nodeInfo.osImage',
    'Kernel-Version': '.status.nodeInfo.kernelVersion',
    'Container-Runtime': '.status.nodeInfo.containerRuntimeVersion',
  },
  'api/v1/configmaps': {
    Data: ({ data, binaryData }) => String(count(data) + count(binaryData)),
  },
  'api/v1/secrets': { Type: '.type', Data: ({ data }) => String(count(data)) },
  'api/v1/serviceaccounts': { Secrets: ({ secrets }) => String(secrets?.length ?? 0) },
  'api/v1/events': {
    'Last Seen': ({ lastTimestamp, eventTime, firstTimestamp }) =>
      age(lastTimestamp ?? eventTime ?? firstTimestamp),
    Type: '.type',
    Reason: '.reason',
    Object: ({ involvedObject }) => `${involvedObject?.kind?.toLowerCase()}/${involvedObject?.name}`,
    Subobject: ({ involvedObject }) => involvedObject?.fieldPath ?? '',
    Source: ({ source, reportingComponent }) =>
      [source?.component ?? reportingComponent, source?.host].filter(Boolean).join(', '),
    Message: ({ message }) => (message ?? '').trim(),
    'First Seen': ({ firstTimestamp, eventTime }) => age(firstTimestamp ?? eventTime),
    Count: ({ count: times, series }) => String(series?.count ?? times ?? 1),
  },
  'api/v1/pods': {
    Ready: podReady,
    Status: podStatus,
    Restarts: podRestarts,
    IP: '.status.podIP',
    Node: '.spec.nodeName',
    'Nominated Node': '.status.nominatedNodeName',
  },
  'api/v1/services': {
    Type: '.spec.type',
    'Cluster-IP': '.spec.clusterIP',
    'External-IP': externalIps,
    'Port(s)': ({ spec }) => servicePorts(spec.ports),
    Selector: ({ spec }) => selectorText(spec.selector),
  },
  'api/v1/persistentvolumes': {
    Capacity: '.spec.capacity.storage',
    'Reclaim Policy': '.spec.persistentVolumeReclaimPolicy',
    Status: '.status.phase',
    StorageClass: '.spec.storageClassName',
  },
  'api/v1/persistentvolumeclaims': {
    Status: '.status.phase',
    Volume: '.spec.volumeName',
    Capacity: '.status.capacity.storage',
    StorageClass: '.spec.storageClassName',
    VolumeMode: '.spec.volumeMode',
  },
  'apps/deployments': {
    Ready: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}`,
    'Up-to-date': ({ status }) => status?.updatedReplicas ?? 0,
    Available: ({ status }) => status?.availableReplicas ?? 0,
  },
  'apps/controllerrevisions': {
    Controller: ({ metadata }) => controllerText(metadata.ownerReferences),
    Revision: '.revision',
  },
  'apps/replicasets': {
    Desired: '.spec.replicas',
    Current: ({ status }) => status?.replicas ?? 0,
    Ready: ({ status }) => status?.readyReplicas ?? 0,
  },
  'apps/statefulsets': {
    Ready: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}`,
  },
  'apps/daemonsets': {
    Desired: ({ status }) => status?.desiredNumberScheduled ?? 0,
    Current: ({ status }) => status?.currentNumberScheduled ?? 0,
    Ready: ({ status }) => status?.numberReady ?? 0,
    'Up-to-date': ({ status }) => status?.updatedNumberScheduled ?? 0,
    Available: ({ status }) => status?.numberAvailable ?? 0,
    'Node Selector': ({ spec }) => selectorText(spec.template.spec.nodeSelector),
  },
  'batch/jobs': {
    Status: jobStatus,
    Completions: jobCompletions,
    Duration: jobDuration,
  },
  'batch/cronjobs': {
    Schedule: '.spec.schedule',
    Timezone: '.spec.timeZone',
    Suspend: ({ spec }) => (spec.suspend ? 'True' : 'False'),
    Active: ({ status }) => status?.active?.length ?? 0,
    Containers: ({ spec }) => containerTexts(spec.jobTemplate.spec.template, 'name'),
    Images: ({ spec }) => containerTexts(spec.jobTemplate.spec.template, 'image'),
  },
  'networking.k8s.io/networkpolicies': {
    'Pod-Selector': ({ spec }) => selectorText(spec?.podSelector?.matchLabels),
  },
  'networking.k8s.io/ingresses': {
    Class: '.spec.ingressClassName',
    Hosts: ({ spec }) =>
      (spec.rules ?? []).map((rule: { host?: string }) => rule.host ?? '*').join(',') || '*',
    Address: () => '',
    Ports: ({ spec }) => (spec.tls ? '80, 443' : '80'),
  },
  'api/v1/endpoints': { Endpoints: ({ subsets }) => firstOf(addressTexts(subsets ?? [])) || '<none>' },
  'discovery.k8s.io/endpointslices': {
    AddressType: '.addressType',
    Ports: ({ ports }) =>
      firstOf((ports ?? []).map((port: { port: number }) => String(port.port))) || '<unset>',
    Endpoints: ({ endpoints }) =>
      firstOf((endpoints ?? []).flatMap((each: { addresses: string[] }) => each.addresses)) || '<unset>',
  },
  'policy/poddisruptionbudgets': {
    'Min Available': ({ spec }) => spec.minAvailable ?? 'N/A',
    'Max Unavailable': ({ spec }) => spec.maxUnavailable ?? 'N/A',
    'Allowed Disruptions': ({ status }) => status?.disruptionsAllowed ?? 0,
  },
  'autoscaling/horizontalpodautoscalers': {
    Reference: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    MinPods: '.spec.minReplicas',
    MaxPods: '.spec.maxReplicas',
    Replicas: ({ status }) => status?.currentReplicas ?? 0,
  },
  'rbac.authorization.k8s.io/rolebindings': {
    Role: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
    ...subjectCells(),
  },
  'rbac.authorization.k8s.io/clusterrolebindings': {
    Role: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
    ...subjectCells(),
  },
  'storage.k8s.io/storageclasses': {
    Provisioner: '.provisioner',
    ReclaimPolicy: '.reclaimPolicy',
    VolumeBindingMode: '.volumeBindingMode',
    AllowVolumeExpansion: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
  },
  'scheduling.k8s.io/priorityclasses': {
    Value: '.value',
    'Global-Default': ({ globalDefault }) => globalDefault ?? false,
    PreemptionPolicy: '.preemptionPolicy',
  },
  'coordination.k8s.io/leases': { Holder: '.spec.holderIdentity' },
  'node.k8s.io/runtimeclasses': { Handler: '.handler' },
}

/** What several kinds show in the same way; `<none>` where nothing is known. */
export const commonCells: Record<string, Cell> = {
  Name: ({ metadata }) => metadata.name,
  Age: ({ metadata }) => age(metadata.creationTimestamp),
  'Created At': ({ metadata }) => metadata.creationTimestamp ?? '',
  Containers: ({ spec }) => containerTexts(spec.template, 'name'),
  Images: ({ spec }) => containerTexts(spec.template, 'image'),
  Selector: ({ spec }) => selectorText(spec.selector?.matchLabels ?? spec.selector),
}

export function cellValue(cell: Cell | undefined, object: KubernetesObject): string | number | boolean {
  if (cell === undefined) return '<none>'
  return typeof cell === 'string' ? (pathColumn(object, cell) ?? '<none>') : cell(object)
}

/** `statefulset.apps/db`: the owner that manages an object. */
function controllerText(owners: OwnerReference[] = []): string {
  const owner = owners.find(({ controller }) => controller)
  if (!owner) return '<none>'
  const [group, version] = owner.apiVersion.split('/')
  return `${owner.kind.toLowerCase()}${version ? `.${group}` : ''}/${owner.name}`
}

/** The first three, and how many more there are. */
function firstOf(texts: string[]): string {
  const shown = texts.slice(0, 3).join(',')
  return texts.length > 3 ? `${shown} + ${texts.length - 3} more...` : shown
}

function addressTexts(subsets: { addresses?: { ip: string }[]; ports?: { port: number }[] }[]): string[] {
  return subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (ports.length === 0) return addresses.map(({ ip }) => ip)
    return ports.flatMap(({ port }) =>
      addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
    )
  })
}

function count(map: object | undefined): number {
  return Object.keys(map ?? {}).length
}

function externalIps({ spec, status }: KubernetesObject): string {
  if (spec.type === 'ExternalName') return spec.externalName
  const ingress = (status?.loadBalancer?.ingress ?? []).map(
    (each: { ip?: string; hostname?: string }) => each.ip ?? each.hostname,
  )
  const all = [...ingress, ...(spec.externalIPs ?? [])]
  return all.join(',') || (spec.type === 'LoadBalancer' ? '<pending>' : '<none>')
}

function servicePorts(ports: { port: number; nodePort?: number; protocol: string }[] | undefined): string {
  const texts = (ports ?? []).map(
    ({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`,
  )
  return texts.join(',') || '<none>'
}

function jobStatus({ spec, status, metadata }: KubernetesObject): string {
  const isTrue = (type: string) =>
    status?.conditions?.some(
      (each: { type: string; status: string }) => each.type === type && each.status === 'True',
    )
  if (isTrue('Complete')) return 'Complete'
  if (isTrue('Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  if (isTrue('Suspended')) return 'Suspended'
  if (isTrue('FailureTarget')) return 'FailureTarget'
  return spec.suspend ? 'Suspended' : 'Running'
}

/** Without a number of completions one success is enough, of as many as run at once. */
function jobCompletions({ spec, status }: KubernetesObject): string {
  const { completions, parallelism = 1 } = spec
  const wanted = completions ?? (parallelism > 1 ? `1 of ${parallelism}` : 1)
  return `${status?.succeeded ?? 0}/${wanted}`
}

function jobDuration({ status }: KubernetesObject): string {
  if (!status?.startTime) return ''
  const end = status.completionTime ? Date.parse(status.completionTime) : Date.now()
  return duration(end - Date.parse(status.startTime))
}

function subjectCells(): Record<string, Cell> {
  const named =
    (kind: string): Cell =>
    ({ subjects }) =>
      (subjects ?? [])
        .filter((each: { kind: string }) => each.kind === kind)
        .map((each: { name: string; namespace?: string }) =>
          each.namespace ? `${each.namespace}/${each.name}` : each.name,
        )
        .join(', ')
  return { Users: named('User'), Groups: named('Group'), ServiceAccounts: named('ServiceAccount') }
}
