import {
  batch,
  core,
  type Json,
  mergePatch,
  object,
  patch,
  podSpec,
  post,
  put,
  type Request,
} from './request.ts'

interface Tried {
  path: string
  apiVersion: string
  kind: string
  /** What is right, into which each case puts something wrong. */
  spec: Json
}

const services: Tried = {
  path: `${core}/services`,
  apiVersion: 'v1',
  kind: 'Service',
  spec: { ports: [{ port: 80 }] },
}
const ingresses: Tried = {
  path: '/apis/networking.k8s.io/v1/namespaces/shop/ingresses',
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  spec: {},
}
const budgets: Tried = {
  path: '/apis/policy/v1/namespaces/shop/poddisruptionbudgets',
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  spec: { selector: { matchLabels: { a: 'b' } } },
}
const autoscalers: Tried = {
  path: '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers',
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3 },
}
const cronJobs: Tried = {
  path: `${batch}/cronjobs`,
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  spec: {
    schedule: '* * * * *',
    jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
  },
}
const jobs: Tried = {
  path: `${batch}/jobs`,
  apiVersion: 'batch/v1',
  kind: 'Job',
  spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } },
}
const claims: Tried = {
  path: `${core}/persistentvolumeclaims`,
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
}
const volumes: Tried = {
  path: '/api/v1/persistentvolumes',
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/x' } },
}
const quotas: Tried = {
  path: `${core}/resourcequotas`,
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  spec: { hard: { pods: '5' } },
}
const limits: Tried = {
  path: `${core}/limitranges`,
  apiVersion: 'v1',
  kind: 'LimitRange',
  spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] },
}

function wrong({ path, apiVersion, kind, spec }: Tried, cases: Record<string, Json>): Request[] {
  return Object.entries(cases).map(([title, more]) =>
    post(
      `${kind}, wrong: ${title}`,
      `${path}?dryRun=All`,
      object(apiVersion, kind, 'wrong', { spec: { ...spec, ...more } }),
    ),
  )
}

const backend = { service: { name: 'web', port: { number: 80 } } }
const rules = (path: Json) => ({ rules: [{ host: 'a.example.com', http: { paths: [path] } }] })
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const rbacObject = (kind: string, body: Json) => object('rbac.authorization.k8s.io/v1', kind, 'wrong', body)

/** What only a kind's own validation finds: fields that do not go together, numbers that are none. */
export const invalidKinds: Request[] = [
  ...wrong(services, {
    'a port twice': {
      ports: [
        { port: 80, name: 'a' },
        { port: 80, name: 'b' },
      ],
    },
    'a name of a port twice': {
      ports: [
        { port: 80, name: 'a' },
        { port: 81, name: 'a' },
      ],
    },
    'a name of a port that is none': { ports: [{ port: 80, name: 'A_b' }] },
    'a target port of zero': { ports: [{ port: 80, targetPort: 0 }] },
    'a target port that is no name': { ports: [{ port: 80, targetPort: 'a_name_that_is_none' }] },
    'a node port without the type': { ports: [{ port: 80, nodePort: 30_080 }] },
    'a node port out of range': { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
    'headless of type NodePort': { type: 'NodePort', clusterIP: 'None' },
    'an affinity that is none': { sessionAffinity: 'Always' },
    'an affinity for no time': {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } },
    },
    'an affinity for too long': {
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 90_000 } },
    },
    'a configuration without affinity': { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 } } },
    'an external traffic policy inside': { externalTrafficPolicy: 'Local' },
    'an external traffic policy that is none': { type: 'NodePort', externalTrafficPolicy: 'Nowhere' },
    'an internal traffic policy that is none': { internalTrafficPolicy: 'Nowhere' },
    'external with an address': {
      type: 'ExternalName',
      externalName: 'example.com',
      clusterIP: '10.96.0.99',
    },
    'external under a name that is none': { type: 'ExternalName', externalName: 'exa_mple..com' },
    'a selector with a bad key': { selector: { '-a': 'b' } },
    'an address that is none': { clusterIP: 'here' },
    'addresses that differ': { clusterIP: '10.96.0.98', clusterIPs: ['10.96.0.99'] },
    'families that are none': { ipFamilies: ['IPv5'] },
    'a family policy that is none': { ipFamilyPolicy: 'Any' },
    'a family twice': { ipFamilies: ['IPv4', 'IPv4'] },
    'a health check port inside': { healthCheckNodePort: 30_100 },
    'an application protocol that is none': { ports: [{ port: 80, appProtocol: 'a b' }] },
  }),
  ...wrong(ingresses, {
    'neither rules nor a backend': {},
    'a host that is none': {
      rules: [{ host: 'a_b.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
    'a host that is an address': {
      rules: [{ host: '1.2.3.4', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    },
    'a path that is relative': rules({ path: 'a', pathType: 'Prefix', backend }),
    'a path without a type': rules({ path: '/', backend }),
    'a path of a type that is none': rules({ path: '/', pathType: 'Regex', backend }),
    'a path with dots': rules({ path: '/../x', pathType: 'Prefix', backend }),
    'no paths': { rules: [{ http: { paths: [] } }] },
    'a backend without a port': { defaultBackend: { service: { name: 'web' } } },
    'a backend with two ports': {
      defaultBackend: { service: { name: 'web', port: { number: 80, name: 'http' } } },
    },
    'a backend of nothing': { defaultBackend: {} },
    'a backend of both': { defaultBackend: { ...backend, resource: { kind: 'A', name: 'b' } } },
    'a class that is none': { ingressClassName: 'A_b', defaultBackend: backend },
    'a TLS host that is none': { defaultBackend: backend, tls: [{ hosts: ['a_b'] }] },
  }),
  ...wrong(budgets, {
    'both a minimum and a maximum': { minAvailable: 1, maxUnavailable: 1 },
    'a negative minimum': { minAvailable: -1 },
    'a percentage that is none': { minAvailable: '10' },
    'more than all of them': { maxUnavailable: '110%' },
    'a selector that is none': { selector: { matchExpressions: [{ key: 'a', operator: 'Like' }] } },
    'an eviction policy that is none': { unhealthyPodEvictionPolicy: 'Perhaps' },
  }),
  ...wrong(autoscalers, {
    'no maximum': { maxReplicas: 0 },
    'a minimum above the maximum': { minReplicas: 5 },
    'a negative minimum': { minReplicas: -1 },
    'a target without a name': { scaleTargetRef: { kind: 'Deployment' } },
    'a target without a kind': { scaleTargetRef: { name: 'web' } },
    'a metric without a source': { metrics: [{ type: 'Resource' }] },
    'a metric of a type that is none': { metrics: [{ type: 'Feeling' }] },
    'a metric without a target': {
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } }],
    },
    'a metric of two sources': {
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
          pods: { metric: { name: 'x' }, target: { type: 'AverageValue', averageValue: '1' } },
        },
      ],
    },
    'a behaviour for too long': { behavior: { scaleDown: { stabilizationWindowSeconds: 5000 } } },
  }),
  ...wrong(cronJobs, {
    'a schedule that is none': { schedule: 'now and then' },
    'a schedule of too few': { schedule: '* * *' },
    'a minute that is none': { schedule: '61 * * * *' },
    'a time zone in the schedule': { schedule: 'TZ=UTC * * * * *' },
    'a time zone that is none': { timeZone: 'Mars/Olympus' },
    'a time zone without a name': { timeZone: '' },
    'a concurrency that is none': { concurrencyPolicy: 'Perhaps' },
    'a negative deadline': { startingDeadlineSeconds: -1 },
    'a negative history': { successfulJobsHistoryLimit: -1 },
    'pods that always restart': {
      jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Always' } } } },
    },
  }),
  ...wrong(jobs, {
    'negative completions': { completions: -1 },
    'negative parallelism': { parallelism: -1 },
    'a negative deadline': { activeDeadlineSeconds: -1 },
    'a negative limit': { backoffLimit: -1 },
    'a negative time to live': { ttlSecondsAfterFinished: -1 },
    'indexed without completions': { completionMode: 'Indexed' },
    'a mode that is none': { completionMode: 'Sorted' },
    'a selector of its own': { selector: { matchLabels: { a: 'b' } } },
    'a limit per index, not indexed': { backoffLimitPerIndex: 1 },
  }),
  ...wrong(claims, {
    'no access modes': { accessModes: [] },
    'an access mode that is none': { accessModes: ['Sometimes'] },
    'once per pod, and more': { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] },
    'no size': { resources: {} },
    'a size of nothing': { resources: { requests: { storage: '0' } } },
    'a negative size': { resources: { requests: { storage: '-1' } } },
    'a volume mode that is none': { volumeMode: 'Object' },
    'a class that is none': { storageClassName: 'A_b' },
  }),
  ...wrong(volumes, {
    'no capacity': { capacity: {} },
    'no source': { hostPath: undefined },
    'two sources': { nfs: { server: 'a', path: '/x' } },
    'no access modes': { accessModes: [] },
    'a path with dots': { hostPath: { path: '/tmp/../etc' } },
    'a reclaim policy that is none': { persistentVolumeReclaimPolicy: 'Burn' },
    'recycled, but not at a path for it': {
      hostPath: { path: '/' },
      persistentVolumeReclaimPolicy: 'Recycle',
    },
  }),
  ...wrong(quotas, {
    'a resource that is none': { hard: { chairs: '5' } },
    'a negative amount': { hard: { pods: '-5' } },
    'half a pod': { hard: { pods: '500m' } },
    'a scope that is none': { scopes: ['Sometimes'] },
    'scopes that exclude each other': { scopes: ['BestEffort', 'NotBestEffort'] },
  }),
  ...wrong(limits, {
    'a type twice': {
      limits: [
        { type: 'Container', max: { cpu: '1' } },
        { type: 'Container', max: { cpu: '2' } },
      ],
    },
    'a minimum above the maximum': { limits: [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }] },
    'a default above the maximum': {
      limits: [{ type: 'Container', default: { cpu: '2' }, max: { cpu: '1' } }],
    },
    'a default of a pod': { limits: [{ type: 'Pod', default: { cpu: '1' } }] },
  }),
  post(
    'Role, wrong: no verbs',
    `${rbac}/namespaces/shop/roles?dryRun=All`,
    rbacObject('Role', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: [] }] }),
  ),
  post(
    'Role, wrong: no groups',
    `${rbac}/namespaces/shop/roles?dryRun=All`,
    rbacObject('Role', { rules: [{ resources: ['pods'], verbs: ['get'] }] }),
  ),
  post(
    'Role, wrong: no resources',
    `${rbac}/namespaces/shop/roles?dryRun=All`,
    rbacObject('Role', { rules: [{ apiGroups: [''], verbs: ['get'] }] }),
  ),
  post(
    'Role, wrong: URLs in a namespace',
    `${rbac}/namespaces/shop/roles?dryRun=All`,
    rbacObject('Role', { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] }),
  ),
  post(
    'ClusterRole, wrong: URLs and resources',
    `${rbac}/clusterroles?dryRun=All`,
    rbacObject('ClusterRole', {
      rules: [{ apiGroups: [''], resources: ['pods'], nonResourceURLs: ['/x'], verbs: ['get'] }],
    }),
  ),
  post(
    'RoleBinding, wrong: a subject of a kind that is none',
    `${rbac}/namespaces/shop/rolebindings?dryRun=All`,
    rbacObject('RoleBinding', {
      roleRef: { kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'Robot', name: 'x' }],
    }),
  ),
  post(
    'RoleBinding, wrong: an account without a namespace',
    `${rbac}/namespaces/shop/rolebindings?dryRun=All`,
    rbacObject('RoleBinding', {
      roleRef: { kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'x' }],
    }),
  ),
  post(
    'RoleBinding, wrong: a subject without a name',
    `${rbac}/namespaces/shop/rolebindings?dryRun=All`,
    rbacObject('RoleBinding', {
      roleRef: { kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', name: '' }],
    }),
  ),
  post(
    'a binding to be changed',
    `${rbac}/namespaces/shop/rolebindings`,
    object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'bound', {
      roleRef: { kind: 'ClusterRole', name: 'view' },
    }),
  ),
  patch(
    'RoleBinding, wrong: another role',
    `${rbac}/namespaces/shop/rolebindings/bound`,
    { roleRef: { name: 'edit' } },
    mergePatch,
  ),
  post(
    'a claim to be changed',
    claims.path,
    object('v1', 'PersistentVolumeClaim', 'changed', { spec: claims.spec }),
  ),
  patch(
    'PersistentVolumeClaim, wrong: other modes',
    `${claims.path}/changed`,
    { spec: { accessModes: ['ReadOnlyMany'] } },
    mergePatch,
  ),
  patch(
    'PersistentVolumeClaim, wrong: a smaller size',
    `${claims.path}/changed`,
    { spec: { resources: { requests: { storage: '1Mi' } } } },
    mergePatch,
  ),
  put(
    'PersistentVolumeClaim, wrong: another class',
    `${claims.path}/changed`,
    object('v1', 'PersistentVolumeClaim', 'changed', { spec: { ...claims.spec, storageClassName: 'other' } }),
  ),
  post(
    'PriorityClass, wrong: too high',
    '/apis/scheduling.k8s.io/v1/priorityclasses?dryRun=All',
    object('scheduling.k8s.io/v1', 'PriorityClass', 'wrong', { value: 2_000_000_000 }),
  ),
  post(
    'PriorityClass, wrong: a name of the system',
    '/apis/scheduling.k8s.io/v1/priorityclasses?dryRun=All',
    object('scheduling.k8s.io/v1', 'PriorityClass', 'system-x', { value: 5 }),
  ),
  post(
    'StorageClass, wrong: no provisioner',
    '/apis/storage.k8s.io/v1/storageclasses?dryRun=All',
    object('storage.k8s.io/v1', 'StorageClass', 'wrong', { provisioner: '' }),
  ),
  post(
    'StorageClass, wrong: a mode that is none',
    '/apis/storage.k8s.io/v1/storageclasses?dryRun=All',
    object('storage.k8s.io/v1', 'StorageClass', 'wrong', { provisioner: 'a.b/c', volumeBindingMode: 'Late' }),
  ),
  post(
    'Lease, wrong: a negative duration',
    '/apis/coordination.k8s.io/v1/namespaces/shop/leases?dryRun=All',
    object('coordination.k8s.io/v1', 'Lease', 'wrong', { spec: { leaseDurationSeconds: -1 } }),
  ),
  post(
    'EndpointSlice, wrong: an address that is none',
    '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?dryRun=All',
    object('discovery.k8s.io/v1', 'EndpointSlice', 'wrong', {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['here'] }],
    }),
  ),
  post(
    'EndpointSlice, wrong: no addresses',
    '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?dryRun=All',
    object('discovery.k8s.io/v1', 'EndpointSlice', 'wrong', {
      addressType: 'IPv4',
      endpoints: [{ addresses: [] }],
    }),
  ),
  post(
    'Endpoints, wrong: an address that is none',
    `${core}/endpoints?dryRun=All`,
    object('v1', 'Endpoints', 'wrong', { subsets: [{ addresses: [{ ip: 'here' }], ports: [{ port: 80 }] }] }),
  ),
  post(
    'Secret, wrong: TLS without a key',
    `${core}/secrets?dryRun=All`,
    object('v1', 'Secret', 'wrong', { type: 'kubernetes.io/tls', data: {} }),
  ),
  post(
    'Secret, wrong: a registry without JSON',
    `${core}/secrets?dryRun=All`,
    object('v1', 'Secret', 'wrong', {
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': 'eA==' },
    }),
  ),
  post(
    'Secret, wrong: basic authentication of nobody',
    `${core}/secrets?dryRun=All`,
    object('v1', 'Secret', 'wrong', { type: 'kubernetes.io/basic-auth', data: {} }),
  ),
]
