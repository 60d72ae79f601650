import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { apiTime } from '../../api-time.ts'
import { qosClass } from '../../qos-class.ts'
import { parseQuantity } from '../../quantity.ts'
import { applyDefaults } from '../fill-defaults.ts'
import { jsonCopy } from '../json.ts'
import type { AdmissionRequest } from '../kind.ts'
import { podDefaults, podTolerations } from '../published/index.ts'
import { labelRule } from '../rules/index.ts'
import { type Cause, forbidden } from '../status-error.ts'
import { validatePorts } from './pod-ports.ts'
import { podUpdateCauses } from './pod-update.ts'
import { mountServiceAccount } from './service-account-volume.ts'

// biome-ignore lint/suspicious/noExplicitAny: a pod's spec that was checked against its schema
type Spec = any

/** Fills a pod in as the real API server does, and refuses what cannot run. */
export function admitPod(request: AdmissionRequest): void {
  const { object, old, operation, subresource } = request
  if (subresource) {
    const { podIP, podIPs } = object.status ?? {}
    if (podIP && !podIPs?.length) object.status.podIPs = [{ ip: podIP }]
    return
  }
  defaultPod(object.spec)
  if (operation === 'CREATE') {
    requireServiceAccount(request)
    mountServiceAccount(request)
  }
  request.causes.push(
    ...validatePodSpec(object.spec, 'spec'),
    ...imageCauses(object.spec),
    ...validateAnnotations(object),
  )
  if (operation === 'CREATE' && object.spec.ephemeralContainers?.length) {
    const message = 'Forbidden: cannot be set on create'
    request.causes.push({ reason: 'FieldValueForbidden', message, field: 'spec.ephemeralContainers' })
  }
  if (operation === 'CREATE') object.status = { phase: 'Pending', qosClass: qosClass(object.spec) }
  if (object.spec.nodeName && !old?.spec.nodeName) object.status = bound(object.status)
  if (old) request.causes.push(...podUpdateCauses(object, old))
}

/** A template may say what its pods may not. */
function imageCauses(spec: Spec): Cause[] {
  return ['initContainers', 'containers'].flatMap((list) =>
    (spec[list] ?? []).flatMap(({ image }: Spec, index: number) => {
      if (!image || image === image.trim()) return []
      const message = `Invalid value: ${JSON.stringify(image)}: must not have leading or trailing whitespace`
      return [{ reason: 'FieldValueInvalid', message, field: `spec.${list}[${index}].image` }]
    }),
  )
}

const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

function validateAnnotations({ metadata }: KubernetesObject): Cause[] {
  const cost = metadata.annotations?.[costAnnotation]
  if (cost === undefined || (/^(0|-?[1-9]\d*)$/.test(cost) && Math.abs(Number(cost)) < 2 ** 31)) return []
  const message = `Invalid value: "${cost}": must be a 32bit integer`
  return [{ reason: 'FieldValueInvalid', message, field: `metadata.annotations[${costAnnotation}]` }]
}

/** What only a pod gets, and not the template that it may have been made from. */
function defaultPod(spec: Spec): void {
  applyDefaults(spec, podDefaults)
  if (spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1
  const tolerated = (key: string) =>
    spec.tolerations?.some(
      (each: { key?: string; effect?: string }) =>
        (!each.key || each.key === key) && (!each.effect || each.effect === 'NoExecute'),
    )
  const added = podTolerations.filter(({ key }) => !tolerated(key))
  spec.tolerations = [...(spec.tolerations ?? []), ...jsonCopy(added)]
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const { limits, requests } = container.resources ?? {}
    if (Object.keys(limits ?? {}).length > 0) container.resources.requests = { ...limits, ...requests }
    if (spec.hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
  }
}

/** Every pod has one; `default` comes with its namespace. */
function requireServiceAccount({ object, list }: AdmissionRequest): void {
  const { spec, metadata } = object
  spec.serviceAccountName ??= 'default'
  spec.serviceAccount = spec.serviceAccountName
  const wanted = spec.serviceAccountName
  const accounts = list('api/v1/serviceaccounts', metadata.namespace)
  if (wanted === 'default' || accounts.some((account) => account.metadata.name === wanted)) return
  const why = `error looking up service account ${metadata.namespace}/${wanted}: serviceaccount "${wanted}" not found`
  throw forbidden({ group: '', plural: 'pods', kind: 'Pod' }, metadata.generateName ?? metadata.name, why)
}

/** A binding and its condition are one write, so that a kubelet's own conditions are never overwritten. */
function bound(status: { conditions?: { type: string }[] }): object {
  const others = (status.conditions ?? []).filter((each) => each.type !== 'PodScheduled')
  const lastTransitionTime = apiTime()
  return {
    ...status,
    conditions: [...others, { type: 'PodScheduled', status: 'True', lastTransitionTime }],
  }
}

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** Causes for what the schema cannot say. `at` is the path of the spec. */
export function validatePodSpec(spec: Spec, at: string): Cause[] {
  const causes: Cause[] = []
  const wrong = (field: string, message: string, reason = 'FieldValueInvalid') =>
    causes.push({ reason, message, field: `${at}.${field}` })
  // Where there is no such field at all, the schema has said so.
  if (spec?.containers && !spec.containers.length) wrong('containers', 'Required value', 'FieldValueRequired')
  const volumes = new Set<string>((spec?.volumes ?? []).map((volume: { name: string }) => volume.name))
  const names = new Set<string>()
  for (const list of ['initContainers', 'containers']) {
    for (const [index, container] of (spec?.[list] ?? []).entries()) {
      const field = `${list}[${index}]`
      const { name } = container
      if (names.has(name)) wrong(`${field}.name`, `Duplicate value: "${name}"`, 'FieldValueDuplicate')
      names.add(name)
      if (name && !dnsLabel.test(name)) wrong(`${field}.name`, `Invalid value: "${name}": ${labelRule}`)
      if (!container.image) wrong(`${field}.image`, 'Required value', 'FieldValueRequired')
      causes.push(...validateResources(container.resources, `${at}.${field}.resources`))
      causes.push(...validateMounts(container.volumeMounts ?? [], `${at}.${field}`, volumes))
    }
  }
  causes.push(...validatePorts(spec ?? {}, at))
  return causes
}

function validateResources({ limits = {}, requests = {} }: Spec = {}, at: string): Cause[] {
  return Object.keys(requests).flatMap((name) => {
    if (limits[name] === undefined || parseQuantity(requests[name]) <= parseQuantity(limits[name])) return []
    const message = `Invalid value: "${requests[name]}": must be less than or equal to ${name} limit of ${limits[name]}`
    return [{ reason: 'FieldValueInvalid', message, field: `${at}.requests` }]
  })
}

function validateMounts(mounts: Spec[], at: string, volumes: Set<string>): Cause[] {
  return mounts.flatMap((mount, index) => {
    if (volumes.has(mount.name)) return []
    const field = `${at}.volumeMounts[${index}].name`
    return [{ reason: 'FieldValueNotFound', message: `Not found: "${mount.name}"`, field }]
  })
}
