/**
 * What the real API server fills in, by definition (its short name, without `io.k8s.api.`) and field; a function gets
 * the object that holds the field. From the defaulting functions of Kubernetes 1.34, which its schemas do not carry.
 */
// biome-ignore lint/suspicious/noExplicitAny: objects that were checked against their schema
export type Default = string | number | boolean | object | ((owner: any) => unknown)

const probe = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
const fileMode = { defaultMode: 0o644 }

export const defaults: Record<string, Record<string, Default>> = {
  'core.v1.PodSpec': {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
    securityContext: {},
    // The older name of the field is kept alongside.
    serviceAccountName: (spec) => spec.serviceAccount,
    serviceAccount: (spec) => spec.serviceAccountName,
  },
  'core.v1.Container': {
    resources: {},
    imagePullPolicy: (container) => pullPolicy(container.image),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  },
  'core.v1.EphemeralContainer': {
    resources: {},
    imagePullPolicy: (container) => pullPolicy(container.image),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  },
  'core.v1.Probe': probe,
  'core.v1.HTTPGetAction': { path: '/', scheme: 'HTTP' },
  'core.v1.GRPCAction': { service: '' },
  'core.v1.ObjectFieldSelector': { apiVersion: 'v1' },
  'core.v1.Volume': { emptyDir: (volume) => (Object.keys(volume).length === 1 ? {} : undefined) },
  'core.v1.ConfigMapVolumeSource': fileMode,
  'core.v1.SecretVolumeSource': fileMode,
  'core.v1.DownwardAPIVolumeSource': fileMode,
  'core.v1.ProjectedVolumeSource': fileMode,
  'core.v1.ServiceAccountTokenProjection': { expirationSeconds: 3600 },
  'core.v1.HostPathVolumeSource': { type: () => '' },
  'core.v1.ServiceSpec': {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: (spec) => (spec.type === 'ExternalName' ? undefined : 'Cluster'),
    externalTrafficPolicy: (spec) =>
      spec.type === 'NodePort' || spec.type === 'LoadBalancer' ? 'Cluster' : undefined,
    allocateLoadBalancerNodePorts: (spec) => (spec.type === 'LoadBalancer' ? true : undefined),
    sessionAffinityConfig: (spec) =>
      spec.sessionAffinity === 'ClientIP' ? { clientIP: { timeoutSeconds: 10800 } } : undefined,
  },
  'core.v1.ServicePort': { targetPort: (port) => port.port },
  'core.v1.Service': { status: { loadBalancer: {} } },
  'networking.v1.Ingress': { status: { loadBalancer: {} } },
  'core.v1.Secret': { type: 'Opaque' },
  'core.v1.PersistentVolumeClaim': { status: { phase: 'Pending' } },
  'core.v1.ResourceFieldSelector': { divisor: '0' },
  'core.v1.PersistentVolumeClaimSpec': { volumeMode: 'Filesystem' },
  'core.v1.PersistentVolume': { status: { phase: 'Pending' } },
  'core.v1.PersistentVolumeSpec': { volumeMode: 'Filesystem', persistentVolumeReclaimPolicy: 'Retain' },
  'core.v1.ReplicationControllerSpec': {
    replicas: 1,
    selector: (spec) => spec.template?.metadata?.labels && { ...spec.template.metadata.labels },
  },
  'apps.v1.DeploymentSpec': {
    replicas: 1,
    strategy: {},
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  },
  'apps.v1.DeploymentStrategy': {
    type: 'RollingUpdate',
    rollingUpdate: (strategy) => (strategy.type === 'RollingUpdate' ? {} : undefined),
  },
  'apps.v1.RollingUpdateDeployment': { maxUnavailable: '25%', maxSurge: '25%' },
  'apps.v1.ReplicaSetSpec': { replicas: 1 },
  'apps.v1.StatefulSetSpec': {
    replicas: 1,
    serviceName: '',
    podManagementPolicy: 'OrderedReady',
    revisionHistoryLimit: 10,
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: {},
  },
  'apps.v1.StatefulSetUpdateStrategy': {
    type: 'RollingUpdate',
    rollingUpdate: (strategy) => (strategy.type === 'RollingUpdate' ? {} : undefined),
  },
  'apps.v1.RollingUpdateStatefulSetStrategy': { partition: 0 },
  'apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy': { whenDeleted: 'Retain', whenScaled: 'Retain' },
  'apps.v1.DaemonSetSpec': { revisionHistoryLimit: 10, updateStrategy: {} },
  'apps.v1.DaemonSetUpdateStrategy': {
    type: 'RollingUpdate',
    rollingUpdate: (strategy) => (strategy.type === 'RollingUpdate' ? {} : undefined),
  },
  'apps.v1.RollingUpdateDaemonSet': { maxUnavailable: 1, maxSurge: 0 },
  'batch.v1.JobSpec': {
    completions: (spec) => (spec.parallelism === undefined ? 1 : undefined),
    parallelism: 1,
    backoffLimit: (spec) => (spec.backoffLimitPerIndex === undefined ? 6 : 2147483647),
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: (spec) => (spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'),
  },
  'batch.v1.CronJobSpec': {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  },
  'discovery.v1.EndpointPort': { name: () => '', protocol: 'TCP' },
  'autoscaling.v1.HorizontalPodAutoscalerSpec': { minReplicas: 1 },
  'autoscaling.v2.HorizontalPodAutoscalerSpec': {
    minReplicas: 1,
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ],
  },
  'rbac.v1.RoleRef': { apiGroup: 'rbac.authorization.k8s.io' },
  'rbac.v1.Subject': {
    apiGroup: (subject) => (subject.kind === 'ServiceAccount' ? undefined : 'rbac.authorization.k8s.io'),
  },
  'storage.v1.StorageClass': { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
  'scheduling.v1.PriorityClass': { preemptionPolicy: 'PreemptLowerPriority' },
}

/** Numbers of which zero means the default, by definition. */
export const zeroIsNone: Record<string, string[]> = {
  'core.v1.Probe': Object.keys(probe),
  'core.v1.ServicePort': ['targetPort'],
}

/** Where the defaults of a field's own definition do not hold: a template is filled in when something is made of it. */
export const undefaulted: Record<string, string> = { 'batch.v1.JobTemplateSpec': 'spec' }

/** Fields that only a pod itself gets, not a pod template; some of them from admission plugins. */
export const podDefaults: Record<string, Default> = {
  enableServiceLinks: true,
  priority: 0,
  preemptionPolicy: 'PreemptLowerPriority',
}

/** What admission adds to the tolerations of every pod. */
export const podTolerations = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map(
  (key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }),
)

function pullPolicy(image = ''): string {
  const tag = /:([^/]*)$/.exec(image)?.[1]
  return image.includes('@') || (tag && tag !== 'latest') ? 'IfNotPresent' : 'Always'
}
