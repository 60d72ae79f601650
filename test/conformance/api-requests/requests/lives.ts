import {
  applyPatch,
  apps,
  batch,
  container,
  core,
  get,
  type Json,
  jsonPatch,
  labels,
  mergePatch,
  object,
  patch,
  podSpec,
  post,
  put,
  type Request,
  remove,
  table,
  workload,
} from './request.ts'

/** The life of one object of a kind: the same steps for every kind. */
function life({
  id,
  path,
  object,
  change,
}: {
  id: string
  path: string
  object: Json
  change: Json
}): Request[] {
  const name = (object.metadata as Json).name as string
  const one = `${path}/${name}`
  const labelled = { metadata: { labels: { step: 'merged' } } }
  return [
    post(`${id}: create, dry run`, `${path}?dryRun=All`, object),
    get(`${id}: what was only tried is not there`, one),
    post(`${id}: create`, path, object),
    post(`${id}: create again`, path, object),
    get(`${id}: get`, one),
    get(`${id}: list as a table`, `${path}?labelSelector=nothing`, table),
    patch(`${id}: merge patch`, one, labelled, mergePatch),
    patch(`${id}: change`, one, change, mergePatch),
    put(`${id}: update from an old version`, one, {
      ...object,
      metadata: {
        ...(object.metadata as Json),
        resourceVersion: `$(${id}: create:metadata.resourceVersion)`,
      },
    }),
    patch(
      `${id}: JSON patch`,
      one,
      [{ op: 'add', path: '/metadata/annotations', value: { a: 'b' } }],
      jsonPatch,
    ),
    patch(
      `${id}: JSON patch whose test fails`,
      one,
      [{ op: 'test', path: '/kind', value: 'Nothing' }],
      jsonPatch,
    ),
    patch(
      `${id}: apply`,
      `${one}?fieldManager=applier`,
      { apiVersion: object.apiVersion, kind: object.kind, metadata: { name, labels: { applied: 'yes' } } },
      applyPatch,
    ),
    post(`${id}: unknown field, strict`, `${path}?fieldValidation=Strict`, { ...object, unheardOf: 1 }),
    remove(`${id}: delete with another uid`, one, { preconditions: { uid: 'other' } }),
    remove(`${id}: delete`, one, { propagationPolicy: 'Background' }),
    get(`${id}: gone`, one),
  ]
}

export const lives: Request[] = [
  life({
    id: 'ConfigMap',
    path: `${core}/configmaps`,
    object: object('v1', 'ConfigMap', 'settings', { data: { a: '1' } }),
    change: { data: { a: '2', b: '3' } },
  }),
  life({
    id: 'Secret',
    path: `${core}/secrets`,
    object: object('v1', 'Secret', 'keys', { stringData: { a: '1' } }),
    change: { stringData: { b: '2' } },
  }),
  life({
    id: 'ServiceAccount',
    path: `${core}/serviceaccounts`,
    object: object('v1', 'ServiceAccount', 'robot'),
    change: { automountServiceAccountToken: false },
  }),
  life({
    id: 'Service',
    path: `${core}/services`,
    object: object('v1', 'Service', 'web', { spec: { selector: labels, ports: [{ port: 80 }] } }),
    change: { spec: { ports: [{ port: 81 }] } },
  }),
  life({
    id: 'Pod',
    path: `${core}/pods`,
    object: object('v1', 'Pod', 'single', { spec: podSpec }),
    change: { spec: { containers: [{ ...container, image: 'busybox:1.37' }] } },
  }),
  life({
    id: 'Deployment',
    path: `${apps}/deployments`,
    object: object('apps/v1', 'Deployment', 'web', { spec: workload }),
    change: { spec: { replicas: 3 } },
  }),
  life({
    id: 'ReplicaSet',
    path: `${apps}/replicasets`,
    object: object('apps/v1', 'ReplicaSet', 'web', { spec: workload }),
    change: { spec: { replicas: 2 } },
  }),
  life({
    id: 'StatefulSet',
    path: `${apps}/statefulsets`,
    object: object('apps/v1', 'StatefulSet', 'db', { spec: { ...workload, serviceName: 'db' } }),
    change: { spec: { replicas: 2 } },
  }),
  life({
    id: 'DaemonSet',
    path: `${apps}/daemonsets`,
    object: object('apps/v1', 'DaemonSet', 'agent', { spec: workload }),
    change: { spec: { minReadySeconds: 2 } },
  }),
  life({
    id: 'Job',
    path: `${batch}/jobs`,
    object: object('batch/v1', 'Job', 'once', {
      spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } },
    }),
    change: { spec: { backoffLimit: 2 } },
  }),
  life({
    id: 'CronJob',
    path: `${batch}/cronjobs`,
    object: object('batch/v1', 'CronJob', 'nightly', {
      spec: {
        schedule: '0 3 * * *',
        jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'OnFailure' } } } },
      },
    }),
    change: { spec: { suspend: true } },
  }),
  life({
    id: 'NetworkPolicy',
    path: '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies',
    object: object('networking.k8s.io/v1', 'NetworkPolicy', 'deny', { spec: { podSelector: {} } }),
    change: { spec: { ingress: [{ ports: [{ port: 80 }] }] } },
  }),
  life({
    id: 'Ingress',
    path: '/apis/networking.k8s.io/v1/namespaces/shop/ingresses',
    object: object('networking.k8s.io/v1', 'Ingress', 'door', {
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    }),
    change: { spec: { ingressClassName: 'nginx' } },
  }),
  life({
    id: 'EndpointSlice',
    path: '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices',
    object: object('discovery.k8s.io/v1', 'EndpointSlice', 'web-1', {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.168.0.9'] }],
      ports: [{ port: 80 }],
    }),
    change: { endpoints: [{ addresses: ['192.168.0.10'] }] },
  }),
  life({
    id: 'Lease',
    path: '/apis/coordination.k8s.io/v1/namespaces/shop/leases',
    object: object('coordination.k8s.io/v1', 'Lease', 'leader', { spec: { holderIdentity: 'a' } }),
    change: { spec: { holderIdentity: 'b' } },
  }),
  life({
    id: 'Role',
    path: '/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles',
    object: object('rbac.authorization.k8s.io/v1', 'Role', 'reader', {
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    }),
    change: { rules: [] },
  }),
  life({
    id: 'RoleBinding',
    path: '/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings',
    object: object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'readers', {
      roleRef: { kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'shop' }],
    }),
    change: { subjects: [] },
  }),
  life({
    id: 'PodDisruptionBudget',
    path: '/apis/policy/v1/namespaces/shop/poddisruptionbudgets',
    object: object('policy/v1', 'PodDisruptionBudget', 'web', {
      spec: { minAvailable: 1, selector: { matchLabels: labels } },
    }),
    change: { spec: { minAvailable: 2 } },
  }),
  life({
    id: 'HorizontalPodAutoscaler',
    path: '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers',
    object: object('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3 },
    }),
    change: { spec: { maxReplicas: 4 } },
  }),
  life({
    id: 'PriorityClass',
    path: '/apis/scheduling.k8s.io/v1/priorityclasses',
    object: object('scheduling.k8s.io/v1', 'PriorityClass', 'low', { value: 10 }),
    change: { description: 'not urgent' },
  }),
  life({
    id: 'StorageClass',
    path: '/apis/storage.k8s.io/v1/storageclasses',
    object: object('storage.k8s.io/v1', 'StorageClass', 'slow', { provisioner: 'example.com/disk' }),
    change: { allowVolumeExpansion: true },
  }),
].flat()
