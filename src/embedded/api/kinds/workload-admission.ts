import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { selects } from '../../label-selector.ts'
import { jsonEqual } from '../json.ts'
import type { AdmissionRequest } from '../kind.ts'
import { checkLabels } from '../rules/index.ts'
import { validatePodSpec } from './pod-admission.ts'

/** Far more than two nodes of one machine can run, and few enough to be kept in memory. */
const maxReplicas = 10_000

/** What keeps pods of one template running: Deployment, ReplicaSet, StatefulSet, DaemonSet. */
export function admitWorkload(request: AdmissionRequest): void {
  const { object, old, causes } = request
  const { spec } = object
  if (spec.replicas < 0 || spec.replicas > maxReplicas) {
    const why =
      spec.replicas < 0
        ? 'must be greater than or equal to 0'
        : `must be at most ${maxReplicas}, which is what this miniature cluster holds`
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: ${spec.replicas}: ${why}`,
      field: 'spec.replicas',
    })
  }
  if (object.kind === 'DaemonSet') countTemplates(object, old)
  checkSelector(request)
  checkTemplate(request)
  if (object.kind === 'StatefulSet') checkIdentity(request)
  else if (old) requireSame(request, old, 'selector')
  const policy = spec.template?.spec?.restartPolicy
  if (policy && policy !== 'Always') {
    const message = `Unsupported value: "${policy}": supported values: "Always"`
    causes.push({ reason: 'FieldValueNotSupported', message, field: 'spec.template.spec.restartPolicy' })
  }
}

/** What of a StatefulSet may change; the rest is what its pods and claims are known by. */
const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

function checkIdentity({ object, old, causes }: AdmissionRequest): void {
  const lasting = (spec: object) =>
    Object.fromEntries(Object.entries(spec).filter(([field]) => !changeable.includes(field)))
  if (!old || jsonEqual(lasting(object.spec), lasting(old.spec))) return
  const [last, ...others] = changeable.map((field) => `'${field}'`).toReversed()
  const fields = `${others.toReversed().join(', ')} and ${last}`
  const message = `Forbidden: updates to statefulset spec for fields other than ${fields} are forbidden`
  causes.push({ reason: 'FieldValueForbidden', message, field: 'spec' })
}

function requireSame({ object: { spec }, causes }: AdmissionRequest, old: KubernetesObject, field: string) {
  if (jsonEqual(old.spec[field], spec[field])) return
  const message = `Invalid value: ${JSON.stringify(spec[field] ?? null)}: field is immutable`
  causes.push({ reason: 'FieldValueInvalid', message, field: `spec.${field}` })
}

const templateGeneration = 'deprecated.daemonset.template.generation'

/** The annotation in which apps/v1 keeps what was a field of a DaemonSet. */
function countTemplates({ metadata, spec }: KubernetesObject, old: KubernetesObject | undefined): void {
  const before = Number(old?.metadata.annotations?.[templateGeneration] ?? 0)
  const isSame = old !== undefined && jsonEqual(old.spec.template, spec.template)
  const generation = isSame ? before : before + 1
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) }
}

/** A Job's selector and labels are the server's own affair unless `manualSelector` says otherwise. */
export function admitJob(request: AdmissionRequest): void {
  const { object, old, operation, causes } = request
  const { spec, metadata } = object
  spec.manualSelector ??= false
  if (operation === 'CREATE' && !spec.manualSelector) {
    // One without a name is refused for that, and as Go has it the name is empty here.
    const name = metadata.name ?? ''
    const labels = {
      'batch.kubernetes.io/controller-uid': metadata.uid!,
      'batch.kubernetes.io/job-name': name,
      'controller-uid': metadata.uid!,
      'job-name': name,
    }
    spec.template.metadata = {
      ...spec.template.metadata,
      labels: { ...spec.template.metadata?.labels, ...labels },
    }
    if (spec.selector) {
      const message = `Invalid value: ${JSON.stringify(spec.selector)}: \`selector\` not auto-generated`
      causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.selector' })
    }
    spec.selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid } }
    object.metadata.labels ??= { ...spec.template.metadata.labels }
  }
  checkTemplate(request)
  const policy = spec.template?.spec?.restartPolicy
  if (policy !== 'OnFailure' && policy !== 'Never') {
    const message = `Required value: valid values: "OnFailure", "Never"`
    causes.push({ reason: 'FieldValueRequired', message, field: 'spec.template.spec.restartPolicy' })
  }
  if (!old) return
  for (const field of ['template', 'selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex'])
    requireSame(request, old, field)
  const isElastic = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  if (!isElastic) requireSame(request, old, 'completions')
}

function checkSelector({ object, causes }: AdmissionRequest): void {
  const { spec } = object
  const labels = spec.template?.metadata?.labels ?? null
  // Where there is none at all, the schema has said so.
  const { matchLabels = {}, matchExpressions = [] } = spec.selector ?? {}
  if (spec.selector && !Object.keys(matchLabels).length && !matchExpressions.length) {
    const message = `Invalid value: {}: empty selector is invalid for ${object.kind.toLowerCase()}`
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.selector' })
  }
  if (!spec.selector || !selects(spec.selector, labels ?? {})) {
    const message = `Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``
    causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.template.metadata.labels' })
  }
}

function checkTemplate({ object, causes }: AdmissionRequest): void {
  const { spec } = object
  checkLabels(spec.template?.metadata?.labels ?? {}, 'spec.template.labels', (field, message) =>
    causes.push({ reason: 'FieldValueInvalid', message, field }),
  )
  const { activeDeadlineSeconds, ephemeralContainers } = spec.template?.spec ?? {}
  const refuse = (field: string, why: string) =>
    causes.push({
      reason: 'FieldValueForbidden',
      message: `Forbidden: ${why}`,
      field: `spec.template.spec.${field}`,
    })
  if (activeDeadlineSeconds !== undefined && object.kind !== 'Job')
    refuse('activeDeadlineSeconds', `activeDeadlineSeconds in ${object.kind} is not Supported`)
  if (ephemeralContainers?.length)
    refuse('ephemeralContainers', 'ephemeral containers not allowed in pod template')
  causes.push(...validatePodSpec(withClaims(spec), 'spec.template.spec'))
}

/** What it makes has a longer name than it has itself. */
const longestCronName = 52

/** Nothing here makes Jobs of it; that they could be made is checked all the same. */
export function admitCronJob({ object, causes }: AdmissionRequest): void {
  const { metadata, spec } = object
  const { name = '' } = metadata as { name?: string }
  if (name.length > longestCronName) {
    const message = `Invalid value: ${JSON.stringify(name)}: must be no more than ${longestCronName} characters`
    causes.push({ reason: 'FieldValueInvalid', message, field: 'metadata.name' })
  }
  const template = spec?.jobTemplate?.spec?.template
  causes.push(...validatePodSpec(template?.spec, 'spec.jobTemplate.spec.template.spec'))
}

/** The pods of a StatefulSet have a volume for each of its claims, whatever their template says. */
function withClaims({ template, volumeClaimTemplates }: AdmissionRequest['object']['spec']) {
  if (!volumeClaimTemplates?.length || !template?.spec) return template?.spec
  const claims = volumeClaimTemplates.map(({ metadata }: AdmissionRequest['object']) => ({
    name: metadata.name,
  }))
  return { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...claims] }
}
