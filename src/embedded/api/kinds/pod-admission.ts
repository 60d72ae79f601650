import type { KubernetesObject } from '../../../kubernetes-object.ts'
import { jsonCopy, jsonEqual } from '../json.ts'
import type { AdmissionRequest } from '../kind.ts'
import { type Cause, forbidden } from '../status-error.ts'

/** Fills a pod in as the real API server does, and refuses what cannot run. */
export function admitPod(request: AdmissionRequest): void {
  const { object, old, operation } = request
  if (request.subresource) return
  defaultPodSpec(object.spec)
  if (operation === 'CREATE') requireServiceAccount(request)
  request.causes.push(...validatePodSpec(object.spec, 'spec', object.metadata.namespace))
  if (operation === 'CREATE') object.status = { phase: 'Pending', qosClass: qosClass(object.spec) }
  if (object.spec.nodeName && !old?.spec.nodeName) object.status = bound(object.status)
  if (old) request.causes.push(...immutable(object, old))
  if (object.spec.automountServiceAccountToken === true) {
    request.warnings.push(
      'spec.automountServiceAccountToken: no token is mounted, the API of this cluster is reached by kubeconfig only',
    )
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
  throw forbidden({ group: '', plural: 'pods', kind: 'Pod' }, metadata.name, why)
}

/** A binding and its condition are one write, so that a kubelet's own conditions are never overwritten. */
function bound(status: { conditions?: { type: string }[] }): object {
  const others = (status.conditions ?? []).filter((each) => each.type !== 'PodScheduled')
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  return { ...status, conditions: [...others, { type: 'PodScheduled', status: 'True', lastTransitionTime }] }
}

/** The defaults of a pod's spec, also inside a template. */
// biome-ignore lint/suspicious/noExplicitAny: a pod spec that was checked against its schema
export function defaultPodSpec(spec: any): void {
  spec.restartPolicy ??= 'Always'
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.terminationGracePeriodSeconds ??= 30
  spec.schedulerName ??= 'default-scheduler'
  spec.securityContext ??= {}
  spec.enableServiceLinks ??= true
  if (spec.serviceAccount && !spec.serviceAccountName) spec.serviceAccountName = spec.serviceAccount
  for (const container of spec.containers ?? []) {
    container.resources ??= {}
    container.imagePullPolicy ??= /:(?!latest$)[^/]+$|@/.test(container.image ?? '')
      ? 'IfNotPresent'
      : 'Always'
    container.terminationMessagePath ??= '/dev/termination-log'
    container.terminationMessagePolicy ??= 'File'
    for (const port of container.ports ?? []) {
      port.protocol ??= 'TCP'
      if (spec.hostNetwork) port.hostPort ??= port.containerPort
    }
    defaultRequests(container.resources)
    defaultProbe(container.readinessProbe)
  }
  for (const volume of spec.volumes ?? []) {
    if (Object.keys(volume).length === 1) volume.emptyDir = {}
    if (volume.configMap) volume.configMap.defaultMode ??= 0o644
    if (volume.hostPath) volume.hostPath.type ??= ''
  }
}

/** Causes for what the schema cannot say. `at` is the path of the spec. */
// biome-ignore lint/suspicious/noExplicitAny: see defaultPodSpec
export function validatePodSpec(spec: any, at: string, namespace: string | undefined): Cause[] {
  const causes: Cause[] = []
  const wrong = (field: string, message: string, reason = 'FieldValueInvalid') =>
    causes.push({ reason, message, field: `${at}.${field}` })
  if (!spec?.containers?.length) wrong('containers', 'Required value', 'FieldValueRequired')
  const volumes = new Set((spec.volumes ?? []).map((volume: { name: string }) => volume.name))
  const names = new Set<string>()
  for (const [index, container] of (spec.containers ?? []).entries()) {
    const field = `containers[${index}]`
    if (names.has(container.name))
      wrong(`${field}.name`, `Duplicate value: "${container.name}"`, 'FieldValueDuplicate')
    names.add(container.name)
    if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(container.name ?? '')) {
      wrong(`${field}.name`, `Invalid value: "${container.name}": a lowercase RFC 1123 label is needed`)
    }
    causes.push(...validatePorts(container.ports ?? [], `${at}.${field}.ports`))
    for (const [mountIndex, mount] of (container.volumeMounts ?? []).entries()) {
      if (!volumes.has(mount.name)) {
        wrong(`${field}.volumeMounts[${mountIndex}].name`, `Not found: "${mount.name}"`, 'FieldValueNotFound')
      }
    }
  }
  for (const [index, volume] of (spec.volumes ?? []).entries()) {
    if (volume.hostPath && namespace !== 'kube-system') {
      wrong(
        `volumes[${index}].hostPath`,
        'Forbidden: only pods of kube-system may mount the host',
        'FieldValueForbidden',
      )
    }
  }
  return causes
}

// biome-ignore lint/suspicious/noExplicitAny: container ports that were checked against their schema
function validatePorts(ports: any[], at: string): Cause[] {
  const causes: Cause[] = []
  for (const [index, port] of ports.entries()) {
    if (!(port.containerPort >= 1 && port.containerPort <= 65535)) {
      const message = `Invalid value: ${port.containerPort}: must be between 1 and 65535, inclusive`
      causes.push({ reason: 'FieldValueInvalid', message, field: `${at}[${index}].containerPort` })
    }
    if (port.hostPort && port.hostPort !== port.containerPort) {
      const message = 'Forbidden: this miniature cluster opens no port of the node for a pod'
      causes.push({ reason: 'FieldValueForbidden', message, field: `${at}[${index}].hostPort` })
    }
  }
  return causes
}

/** A pod's spec is what runs; only an image, a grace and more tolerations may change, and the scheduler's binding. */
function immutable(object: KubernetesObject, old: KubernetesObject): Cause[] {
  const comparable = jsonCopy(object.spec)
  if (!old.spec.nodeName) delete comparable.nodeName
  comparable.tolerations = old.spec.tolerations
  comparable.terminationGracePeriodSeconds = old.spec.terminationGracePeriodSeconds
  if (old.spec.tolerations === undefined) delete comparable.tolerations
  for (const [index, container] of (comparable.containers ?? []).entries()) {
    if (old.spec.containers[index]) container.image = old.spec.containers[index].image
  }
  if (jsonEqual(comparable, old.spec)) return []
  const message =
    'Forbidden: pod updates may not change fields other than `spec.containers[*].image`, `spec.tolerations` (only additions)'
  return [{ reason: 'FieldValueForbidden', message, field: 'spec' }]
}

// biome-ignore lint/suspicious/noExplicitAny: see defaultPodSpec
function defaultRequests(resources: any): void {
  if (resources.limits) resources.requests = { ...resources.limits, ...resources.requests }
}

// biome-ignore lint/suspicious/noExplicitAny: see defaultPodSpec
function defaultProbe(probe: any): void {
  if (!probe) return
  probe.timeoutSeconds ??= 1
  probe.periodSeconds ??= 10
  probe.successThreshold ??= 1
  probe.failureThreshold ??= 3
  if (probe.httpGet) {
    probe.httpGet.path ??= '/'
    probe.httpGet.scheme ??= 'HTTP'
  }
}

// biome-ignore lint/suspicious/noExplicitAny: see defaultPodSpec
function qosClass(spec: any): string {
  // biome-ignore lint/suspicious/noExplicitAny: see defaultPodSpec
  const resources = spec.containers.map((container: any) => container.resources ?? {})
  // biome-ignore lint/suspicious/noExplicitAny: see defaultPodSpec
  if (resources.every((each: any) => !each.limits && !each.requests)) return 'BestEffort'
  // biome-ignore lint/suspicious/noExplicitAny: see defaultPodSpec
  const guaranteed = resources.every((each: any) =>
    ['cpu', 'memory'].every((name) => each.limits?.[name] && each.limits[name] === each.requests?.[name]),
  )
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
