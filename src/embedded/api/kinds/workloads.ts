import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { templateColumns } from '../columns.ts'
import { jsonEqual } from '../json.ts'
import type { AdmissionRequest, Kind } from '../kind.ts'
import { conditionsSchema, labelSelectorSchema } from './metadata.ts'
import { admitPod, defaultPodSpec, validatePodSpec } from './pod-admission.ts'
import { podSpecSchema, podStatusSchema, podTemplateSchema } from './pod-schema.ts'

const pod: Kind = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  required: ['spec'],
  subresources: ['status', 'log', 'exec', 'attach'],
  schema: { spec: podSpecSchema, status: podStatusSchema },
  admit: [admitPod],
  fieldSelectors: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP',
  ],
  columns: [
    { name: 'Ready', value: ({ status, spec }) => `${readyCount(status)}/${spec.containers.length}` },
    { name: 'Status', value: podStatus },
    { name: 'Restarts', value: ({ status }) => restarts(status) },
    { name: 'IP', wide: true, value: ({ status }) => status?.podIP ?? '<none>' },
    { name: 'Node', wide: true, value: ({ spec }) => spec.nodeName ?? '<none>' },
    { name: 'Nominated Node', wide: true, value: () => '<none>' },
    { name: 'Readiness Gates', wide: true, value: () => '<none>' },
  ],
}

const replicaSet: Kind = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  required: ['spec'],
  subresources: ['status', 'scale'],
  countsGenerations: true,
  schema: {
    spec: {
      fields: {
        replicas: 'integer',
        minReadySeconds: 'integer',
        selector: labelSelectorSchema,
        template: podTemplateSchema,
      },
      required: ['selector', 'template'],
    },
    status: { fields: { conditions: conditionsSchema }, open: true },
  },
  admit: [admitWorkload],
  fieldSelectors: ['status.replicas'],
  columns: [
    { name: 'Desired', type: 'integer', value: ({ spec }) => spec.replicas },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.readyReplicas ?? 0 },
    ...templateColumns,
  ],
}

const deployment: Kind = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  required: ['spec'],
  subresources: ['status', 'scale'],
  countsGenerations: true,
  schema: {
    spec: {
      fields: {
        replicas: 'integer',
        minReadySeconds: 'integer',
        revisionHistoryLimit: 'integer',
        progressDeadlineSeconds: 'integer',
        selector: labelSelectorSchema,
        template: podTemplateSchema,
        strategy: {
          fields: {
            type: 'string',
            rollingUpdate: { fields: { maxSurge: 'intOrString', maxUnavailable: 'intOrString' } },
          },
        },
      },
      required: ['selector', 'template'],
      unsupported: ['paused'],
    },
    status: { fields: { conditions: conditionsSchema }, open: true },
  },
  admit: [admitWorkload, admitStrategy],
  columns: [
    {
      name: 'Ready',
      value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas}`,
    },
    { name: 'Up-to-date', type: 'integer', value: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: 'Available', type: 'integer', value: ({ status }) => status?.availableReplicas ?? 0 },
    ...templateColumns,
  ],
}

export const workloadKinds: Kind[] = [pod, replicaSet, deployment]

/** Far more than two nodes of one machine can run, and few enough to be kept in memory. */
const maxReplicas = 10_000

function admitWorkload({ object, old, causes }: AdmissionRequest): void {
  const { spec } = object
  spec.replicas ??= 1
  if (spec.replicas < 0 || spec.replicas > maxReplicas) {
    const message = `Invalid value: ${spec.replicas}: must be between 0 and ${maxReplicas}, which is what this miniature cluster holds`
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.replicas' })
  }
  defaultPodSpec(spec.template.spec)
  causes.push(...validatePodSpec(spec.template.spec, 'spec.template.spec', object.metadata.namespace))
  const labels = spec.template.metadata?.labels ?? {}
  const wanted = Object.entries(spec.selector?.matchLabels ?? {})
  if (!wanted.length && !spec.selector?.matchExpressions?.length) {
    causes.push({ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.selector' })
  }
  if (wanted.some(([key, value]) => labels[key] !== value)) {
    const message = `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.template.metadata.labels' })
  }
  if (old && !jsonEqual(old.spec.selector, spec.selector)) {
    const message = 'Invalid value: field is immutable'
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.selector' })
  }
  if (spec.template.spec.restartPolicy !== 'Always') {
    const message = `Unsupported value: "${spec.template.spec.restartPolicy}": supported values: "Always"`
    causes.push({ reason: 'FieldValueNotSupported', message, field: 'spec.template.spec.restartPolicy' })
  }
}

function admitStrategy({ object: { spec } }: AdmissionRequest): void {
  spec.strategy ??= {}
  spec.strategy.type ??= 'RollingUpdate'
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%', ...spec.strategy.rollingUpdate }
  }
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
}

/** The STATUS column: the reason that a container waits or ended for, before the phase. */
function podStatus({ status, metadata }: KubernetesObject): string {
  if (metadata.deletionTimestamp) return 'Terminating'
  // biome-ignore lint/suspicious/noExplicitAny: container statuses as the kubelet wrote them
  const states: any[] = (status?.containerStatuses ?? []).map((each: any) => each.state ?? {})
  const waiting = states.find((state) => state.waiting)?.waiting.reason
  const terminated = states.find((state) => state.terminated)?.terminated
  if (waiting) return waiting
  if (terminated) return terminated.reason ?? `ExitCode:${terminated.exitCode}`
  return status?.reason ?? status?.phase ?? 'Unknown'
}

// biome-ignore lint/suspicious/noExplicitAny: see podStatus
function readyCount(status: any): number {
  return (status?.containerStatuses ?? []).filter((each: { ready: boolean }) => each.ready).length
}

// biome-ignore lint/suspicious/noExplicitAny: see podStatus
function restarts(status: any): string {
  let count = 0
  for (const each of status?.containerStatuses ?? []) count += each.restartCount ?? 0
  return String(count)
}
