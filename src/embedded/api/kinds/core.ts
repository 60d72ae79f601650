import { ageColumn } from '../columns.ts'
import type { AdmissionRequest, Kind } from '../kind.ts'
import { conditionsSchema, stringMap } from './metadata.ts'

const namespace: Kind = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  nameRule: 'label',
  subresources: ['status', 'finalize'],
  schema: {
    spec: { fields: { finalizers: { list: 'string', set: true } } },
    status: { fields: { phase: 'string', conditions: conditionsSchema } },
  },
  admit: [admitNamespace],
  fieldSelectors: ['status.phase'],
  columns: [{ name: 'Status', value: ({ status }) => status?.phase ?? '' }],
}

const node: Kind = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  createsStatus: true,
  subresources: ['status'],
  schema: {
    spec: {
      fields: {
        podCIDR: 'string',
        podCIDRs: { list: 'string', set: true },
        providerID: 'string',
        unschedulable: 'boolean',
        taints: { list: 'any', mergeKey: 'key' },
      },
    },
    status: {
      fields: { conditions: conditionsSchema, addresses: { list: 'any', mergeKey: 'type' } },
      open: true,
    },
  },
  fieldSelectors: ['spec.unschedulable'],
  columns: [
    { name: 'Status', value: ({ status, spec }) => nodeStatus(status, spec) },
    { name: 'Roles', value: ({ metadata }) => roles(metadata.labels) },
    ageColumn,
    { name: 'Version', value: ({ status }) => status?.nodeInfo?.kubeletVersion ?? '' },
    { name: 'Internal-IP', wide: true, value: ({ status }) => nodeAddress(status) },
    { name: 'External-IP', wide: true, value: () => '<none>' },
    { name: 'OS-Image', wide: true, value: ({ status }) => status?.nodeInfo?.osImage ?? '<unknown>' },
    {
      name: 'Kernel-Version',
      wide: true,
      value: ({ status }) => status?.nodeInfo?.kernelVersion ?? '<unknown>',
    },
    {
      name: 'Container-Runtime',
      wide: true,
      value: ({ status }) => status?.nodeInfo?.containerRuntimeVersion ?? '<unknown>',
    },
  ],
}

const configMap: Kind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  namespaced: true,
  schema: { data: stringMap, binaryData: stringMap, immutable: 'boolean' },
  columns: [
    {
      name: 'Data',
      value: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length,
      type: 'integer',
    },
  ],
}

const secret: Kind = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  schema: { data: stringMap, stringData: stringMap, type: 'string', immutable: 'boolean' },
  admit: [admitSecret],
  fieldSelectors: ['type'],
  columns: [
    { name: 'Type', value: ({ type }) => type },
    { name: 'Data', value: ({ data }) => Object.keys(data ?? {}).length, type: 'integer' },
  ],
}

const serviceAccount: Kind = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  namespaced: true,
  schema: {
    secrets: { list: 'any', mergeKey: 'name' },
    imagePullSecrets: { list: 'any' },
    automountServiceAccountToken: 'boolean',
  },
  columns: [{ name: 'Secrets', value: ({ secrets }) => secrets?.length ?? 0, type: 'integer' }],
}

const event: Kind = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  schema: {
    involvedObject: 'any',
    reason: 'string',
    message: 'string',
    type: 'string',
    source: 'any',
    count: 'integer',
    firstTimestamp: 'string',
    lastTimestamp: 'string',
    eventTime: 'string',
    action: 'string',
    related: 'any',
    series: 'any',
    reportingComponent: 'string',
    reportingInstance: 'string',
  },
  fieldSelectors: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.fieldPath',
    'reason',
    'type',
  ],
  columns: [
    {
      name: 'Last Seen',
      value: ({ lastTimestamp, eventTime }) => lastTimestamp ?? eventTime ?? '',
      type: 'date',
    },
    { name: 'Type', value: ({ type }) => type ?? '' },
    { name: 'Reason', value: ({ reason }) => reason ?? '' },
    {
      name: 'Object',
      value: ({ involvedObject }) => `${involvedObject?.kind?.toLowerCase()}/${involvedObject?.name}`,
    },
    { name: 'Message', value: ({ message }) => message ?? '' },
  ],
}

export const coreKinds: Kind[] = [namespace, node, configMap, secret, serviceAccount, event]

function admitNamespace({ object, old, operation, subresource }: AdmissionRequest): void {
  object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name }
  if (operation === 'CREATE') {
    object.spec = { finalizers: ['kubernetes'] }
    object.status = { phase: 'Active' }
  } else if (subresource !== 'finalize') object.spec = old?.spec
}

function admitSecret({ object, causes }: AdmissionRequest): void {
  object.type ??= 'Opaque'
  for (const [key, value] of Object.entries(object.stringData ?? {})) {
    object.data = { ...object.data, [key]: Buffer.from(String(value)).toString('base64') }
  }
  delete object.stringData
  for (const [key, value] of Object.entries(object.data ?? {})) {
    if (/^[A-Za-z0-9+/\s]*=*\s*$/.test(String(value))) continue
    const message = 'Invalid value: not base64'
    causes.push({ reason: 'FieldValueInvalid', message, field: `data[${key}]` })
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a node's status and spec as the kubelet wrote them
function nodeStatus(status: any, spec: any): string {
  const ready = status?.conditions?.find((condition: { type: string }) => condition.type === 'Ready')
  const text = ready?.status === 'True' ? 'Ready' : ready ? 'NotReady' : 'Unknown'
  return spec?.unschedulable ? `${text},SchedulingDisabled` : text
}

function roles(labels: Record<string, string> | undefined): string {
  const prefix = 'node-role.kubernetes.io/'
  const found = Object.keys(labels ?? {}).filter((label) => label.startsWith(prefix))
  return found.map((label) => label.slice(prefix.length)).join(',') || '<none>'
}

// biome-ignore lint/suspicious/noExplicitAny: see nodeStatus
function nodeAddress(status: any): string {
  const found = status?.addresses?.find((address: { type: string }) => address.type === 'InternalIP')
  return found?.address ?? '<none>'
}
