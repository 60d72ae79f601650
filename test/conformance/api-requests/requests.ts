/** A request of the list. Strings may hold `$(name:path)`: the value at a path of the raw answer to an earlier one. */
export interface Request {
  name: string
  method: string
  path: string
  headers?: Record<string, string>
  body?: unknown
  /** A watch: how many events to wait for. */
  events?: number
}

type Json = Record<string, unknown>

const json = { 'content-type': 'application/json' }
const mergePatch = { 'content-type': 'application/merge-patch+json' }
const strategicPatch = { 'content-type': 'application/strategic-merge-patch+json' }
const jsonPatch = { 'content-type': 'application/json-patch+json' }
const applyPatch = { 'content-type': 'application/apply-patch+yaml' }
const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }

const get = (name: string, path: string, headers?: Record<string, string>): Request => ({
  name,
  method: 'GET',
  path,
  headers,
})
const send =
  (method: string) =>
  (name: string, path: string, body?: unknown, headers = json): Request => ({
    name,
    method,
    path,
    headers,
    body,
  })
const post = send('POST')
const put = send('PUT')
const patch = send('PATCH')
const remove = send('DELETE')

const core = '/api/v1/namespaces/shop'
const apps = '/apis/apps/v1/namespaces/shop'
const batch = '/apis/batch/v1/namespaces/shop'

const container = { name: 'main', image: 'busybox:1.36' }
const podSpec = { containers: [container] }
const labels = { app: 'web' }
const template = { metadata: { labels }, spec: podSpec }
const workload = { selector: { matchLabels: labels }, template }

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

function object(apiVersion: string, kind: string, name: string, body: Json = {}): Json {
  return { apiVersion, kind, metadata: { name }, ...body }
}

const lives: Request[] = [
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

const pod = (name: string, spec: unknown) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec })
const deployment = (name: string, spec: unknown) => object('apps/v1', 'Deployment', name, { spec })
const service = (name: string, spec: unknown) => object('v1', 'Service', name, { spec })
const policy = (name: string, spec: unknown) =>
  object('networking.k8s.io/v1', 'NetworkPolicy', name, { spec })
const policies = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies'

const invalid: Request[] = [
  post('pod without containers', `${core}/pods`, pod('empty', { containers: [] })),
  post('pod without a spec', `${core}/pods`, object('v1', 'Pod', 'empty')),
  post('pod without an image', `${core}/pods`, pod('bare', { containers: [{ name: 'main' }] })),
  post(
    'pod whose container has no name',
    `${core}/pods`,
    pod('bare', { containers: [{ image: 'busybox' }] }),
  ),
  post(
    'pod with a bad container name',
    `${core}/pods`,
    pod('bad', { containers: [{ ...container, name: 'A_b' }] }),
  ),
  post(
    'pod with two containers of one name',
    `${core}/pods`,
    pod('twin', { containers: [container, container] }),
  ),
  post(
    'pod with a bad port',
    `${core}/pods`,
    pod('port', { containers: [{ ...container, ports: [{ containerPort: 0 }] }] }),
  ),
  post(
    'pod with a port too high',
    `${core}/pods`,
    pod('port', { containers: [{ ...container, ports: [{ containerPort: 70000 }] }] }),
  ),
  post(
    'pod with a bad protocol',
    `${core}/pods`,
    pod('port', { containers: [{ ...container, ports: [{ containerPort: 80, protocol: 'ICMP' }] }] }),
  ),
  post(
    'pod with a bad pull policy',
    `${core}/pods`,
    pod('pull', { containers: [{ ...container, imagePullPolicy: 'Sometimes' }] }),
  ),
  post(
    'pod with a bad restart policy',
    `${core}/pods`,
    pod('restart', { ...podSpec, restartPolicy: 'Perhaps' }),
  ),
  post('pod with a bad DNS policy', `${core}/pods`, pod('dns', { ...podSpec, dnsPolicy: 'Perhaps' })),
  post(
    'pod that mounts what is not there',
    `${core}/pods`,
    pod('mount', { containers: [{ ...container, volumeMounts: [{ name: 'none', mountPath: '/x' }] }] }),
  ),
  post(
    'pod with a bad quantity',
    `${core}/pods`,
    pod('quantity', { containers: [{ ...container, resources: { limits: { cpu: 'lots' } } }] }),
  ),
  post(
    'pod with more requested than limited',
    `${core}/pods`,
    pod('quantity', {
      containers: [{ ...container, resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }],
    }),
  ),
  post(
    'pod with an environment without names',
    `${core}/pods`,
    pod('env', { containers: [{ ...container, env: [{ value: 'x' }] }] }),
  ),
  post(
    'pod of an unknown service account',
    `${core}/pods`,
    pod('account', { ...podSpec, serviceAccountName: 'nobody' }),
  ),
  post(
    'pod with a negative grace',
    `${core}/pods`,
    pod('grace', { ...podSpec, terminationGracePeriodSeconds: -1 }),
  ),
  post(
    'pod with a misspelt field',
    `${core}/pods?fieldValidation=Strict`,
    pod('typo', { containers: [{ ...container, imagee: 'x' }] }),
  ),
  post(
    'pod with a misspelt field, warned of',
    `${core}/pods?dryRun=All`,
    pod('typo', { containers: [{ ...container, imagee: 'x' }] }),
  ),
  post(
    'pod with a misspelt field, ignored',
    `${core}/pods?dryRun=All&fieldValidation=Ignore`,
    pod('typo', { containers: [{ ...container, imagee: 'x' }] }),
  ),
  post('pod whose containers are no list', `${core}/pods`, pod('type', { containers: 'main' })),
  post(
    'pod whose port is a text',
    `${core}/pods`,
    pod('type', { containers: [{ ...container, ports: [{ containerPort: 'http' }] }] }),
  ),
  post('pod with a bad name', `${core}/pods`, pod('Not_A_Name', podSpec)),
  post('pod without a name', `${core}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: podSpec }),
  post('pod with a bad label', `${core}/pods`, {
    ...pod('label', podSpec),
    metadata: { name: 'label', labels: { a: 'not good!' } },
  }),
  post('pod with a bad label key', `${core}/pods`, {
    ...pod('label', podSpec),
    metadata: { name: 'label', labels: { '-a': 'x' } },
  }),
  post('pod of another namespace', `${core}/pods`, {
    ...pod('lost', podSpec),
    metadata: { name: 'lost', namespace: 'other' },
  }),
  post('pod in a namespace that is not there', '/api/v1/namespaces/none/pods', pod('lost', podSpec)),
  post('pod that is a service', `${core}/pods`, service('web', { ports: [{ port: 80 }] })),
  post('pod of another version', `${core}/pods`, { ...pod('old', podSpec), apiVersion: 'v2' }),
  post('pod with a resourceVersion', `${core}/pods`, {
    ...pod('old', podSpec),
    metadata: { name: 'old', resourceVersion: '5' },
  }),
  post('deployment without a selector', `${apps}/deployments`, deployment('bad', { template })),
  post(
    'deployment without a template',
    `${apps}/deployments`,
    deployment('bad', { selector: { matchLabels: labels } }),
  ),
  post(
    'deployment whose selector does not fit',
    `${apps}/deployments`,
    deployment('bad', { ...workload, selector: { matchLabels: { app: 'other' } } }),
  ),
  post(
    'deployment with an empty selector',
    `${apps}/deployments`,
    deployment('bad', { ...workload, selector: {} }),
  ),
  post(
    'deployment with negative replicas',
    `${apps}/deployments`,
    deployment('bad', { ...workload, replicas: -1 }),
  ),
  post(
    'deployment with replicas as text',
    `${apps}/deployments`,
    deployment('bad', { ...workload, replicas: 'two' }),
  ),
  post(
    'deployment with a bad strategy',
    `${apps}/deployments`,
    deployment('bad', { ...workload, strategy: { type: 'Magic' } }),
  ),
  post(
    'deployment that never restarts',
    `${apps}/deployments`,
    deployment('bad', {
      ...workload,
      template: { ...template, spec: { ...podSpec, restartPolicy: 'Never' } },
    }),
  ),
  post(
    'deployment with a bad selector operator',
    `${apps}/deployments`,
    deployment('bad', { ...workload, selector: { matchExpressions: [{ key: 'app', operator: 'Like' }] } }),
  ),
  post(
    'job without a restart policy',
    `${batch}/jobs`,
    object('batch/v1', 'Job', 'bad', { spec: { template: { spec: podSpec } } }),
  ),
  post(
    'cron job without a schedule',
    `${batch}/cronjobs`,
    object('batch/v1', 'CronJob', 'bad', {
      spec: { jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } } },
    }),
  ),
  post('service without ports', `${core}/services`, service('bad', { selector: labels })),
  post('service with a bad port', `${core}/services`, service('bad', { ports: [{ port: 0 }] })),
  post(
    'service with two ports without names',
    `${core}/services`,
    service('bad', { ports: [{ port: 80 }, { port: 81 }] }),
  ),
  post(
    'service with a bad protocol',
    `${core}/services`,
    service('bad', { ports: [{ port: 80, protocol: 'ICMP' }] }),
  ),
  post('service of a bad type', `${core}/services`, service('bad', { type: 'Magic', ports: [{ port: 80 }] })),
  post(
    'service with an address out of range',
    `${core}/services`,
    service('bad', { clusterIP: '1.2.3.4', ports: [{ port: 80 }] }),
  ),
  post('service with a bad name', `${core}/services`, service('1.2', { ports: [{ port: 80 }] })),
  post('service external without a name', `${core}/services`, service('bad', { type: 'ExternalName' })),
  post('policy with a bad type', policies, policy('bad', { podSelector: {}, policyTypes: ['Sideways'] })),
  post(
    'policy with a bad CIDR',
    policies,
    policy('bad', { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/40' } }] }] }),
  ),
  post(
    'policy with a bad port',
    policies,
    policy('bad', { podSelector: {}, ingress: [{ ports: [{ port: 0 }] }] }),
  ),
  post(
    'policy with an exception outside',
    policies,
    policy('bad', {
      podSelector: {},
      egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/24', except: ['10.1.0.0/24'] } }] }],
    }),
  ),
  post(
    'policy with both a block and a selector',
    policies,
    policy('bad', {
      podSelector: {},
      ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/24' }, podSelector: {} }] }],
    }),
  ),
  post(
    'policy with an end port before its port',
    policies,
    policy('bad', { podSelector: {}, ingress: [{ ports: [{ port: 80, endPort: 70 }] }] }),
  ),
  post('secret that is not base64', `${core}/secrets`, object('v1', 'Secret', 'bad', { data: { a: '***' } })),
  post(
    'config map with a bad key',
    `${core}/configmaps`,
    object('v1', 'ConfigMap', 'bad', { data: { 'a b': 'c' } }),
  ),
  post(
    'config map with one key twice',
    `${core}/configmaps`,
    object('v1', 'ConfigMap', 'bad', { data: { a: 'c' }, binaryData: { a: 'Yw==' } }),
  ),
  post(
    'config map whose data are numbers',
    `${core}/configmaps`,
    object('v1', 'ConfigMap', 'bad', { data: { a: 1 } }),
  ),
  post('namespace with a bad name', '/api/v1/namespaces', object('v1', 'Namespace', 'a.b')),
  post(
    'role binding without a role',
    '/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings',
    object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'bad'),
  ),
  post('broken JSON', `${core}/configmaps`, '{"metadata":'),
  post('an array', `${core}/configmaps`, []),
  post('no body', `${core}/configmaps`),
  post('an unknown media type', `${core}/configmaps`, 'a=b', { 'content-type': 'text/plain' }),
  post(
    'an unknown kind of validation',
    `${core}/configmaps?fieldValidation=Loose`,
    object('v1', 'ConfigMap', 'x'),
  ),
  post('an unknown kind of dry run', `${core}/configmaps?dryRun=Some`, object('v1', 'ConfigMap', 'x')),
]

const discovery: Request[] = [
  get('groups', '/apis/apps'),
  get('resources of batch/v1', '/apis/batch/v1'),
  get('resources of apps/v1', '/apis/apps/v1'),
  get('resources of v1', '/api/v1'),
  get('resources of networking', '/apis/networking.k8s.io/v1'),
  get('resources of policy/v1', '/apis/policy/v1'),
  get('resources of autoscaling/v2', '/apis/autoscaling/v2'),
  get('versions of the core', '/api'),
  get('a group that is not there', '/apis/example.com'),
  get('a version that is not there', '/apis/apps/v9'),
  get('a kind that is not there', '/apis/apps/v1/namespaces/shop/things'),
  get('an object that is not there', `${core}/pods/none`),
  get('a namespace that is not there', '/api/v1/namespaces/none'),
  get('objects of a namespace that is not there', '/api/v1/namespaces/none/pods'),
  get('a path that is not there', '/nothing/at/all'),
  get('health', '/healthz'),
  get('readiness', '/readyz'),
]

const configMap = (name: string, more: Json = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { set: 'pages', ...(more.labels as Json) } },
  data: { name },
})

const selecting: Request[] = [
  ...['a', 'b', 'c', 'd', 'e'].map((name, index) =>
    post(
      `page ${name}`,
      `${core}/configmaps`,
      configMap(`page-${name}`, { labels: { even: String(index % 2 === 0) } }),
    ),
  ),
  get('first page', `${core}/configmaps?labelSelector=set%3Dpages&limit=2`),
  get(
    'second page',
    `${core}/configmaps?labelSelector=set%3Dpages&limit=2&continue=$(first page:metadata.continue)`,
  ),
  get(
    'last page',
    `${core}/configmaps?labelSelector=set%3Dpages&limit=2&continue=$(second page:metadata.continue)`,
  ),
  get('page of a token that is none', `${core}/configmaps?limit=2&continue=nonsense`),
  get('equal', `${core}/configmaps?labelSelector=set%3Dpages,even%3Dtrue`),
  get('not equal', `${core}/configmaps?labelSelector=set%3Dpages,even!%3Dtrue`),
  get('in a set', `${core}/configmaps?labelSelector=set%20in%20(pages,others),even%20notin%20(true)`),
  get('exists', `${core}/configmaps?labelSelector=even,!odd`),
  get('a selector that is none', `${core}/configmaps?labelSelector=a%3Db%3Dc`),
  get('a selector with a bad operator', `${core}/configmaps?labelSelector=a%20like%20b`),
  get('by name', `${core}/configmaps?fieldSelector=metadata.name%3Dpage-a`),
  get(
    'by another name',
    `${core}/configmaps?labelSelector=set%3Dpages&fieldSelector=metadata.name!%3Dpage-a`,
  ),
  get('by a field that is none', `${core}/configmaps?fieldSelector=data.name%3Da`),
  get('a field selector that is none', `${core}/configmaps?fieldSelector=nonsense`),
  get('pods by node', `${core}/pods?fieldSelector=spec.nodeName%3Dnone`),
  get('of all namespaces', '/api/v1/configmaps?labelSelector=set%3Dpages'),
  get('as metadata alone', `${core}/configmaps/page-a`, {
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  }),
  get('list as metadata alone', `${core}/configmaps?labelSelector=set%3Dpages`, {
    accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  }),
  get('a bad limit', `${core}/configmaps?limit=many`),
  remove('delete all that are selected', `${core}/configmaps?labelSelector=set%3Dpages,even%3Dtrue`),
  get('what is left', `${core}/configmaps?labelSelector=set%3Dpages`),
]

const watching: Request[] = [
  post('watched', `${core}/configmaps`, configMap('watched', { labels: { set: 'watched' } })),
  patch('watched changes', `${core}/configmaps/watched`, { data: { name: 'changed' } }, mergePatch),
  patch(
    'watched is deselected',
    `${core}/configmaps/watched`,
    { metadata: { labels: { set: 'no' } } },
    mergePatch,
  ),
  remove('watched goes', `${core}/configmaps/watched`),
  {
    ...get(
      'watch from a version',
      `${core}/configmaps?watch=1&resourceVersion=$(watched:metadata.resourceVersion)&timeoutSeconds=2`,
    ),
    events: 3,
  },
  {
    ...get(
      'watch what is selected',
      `${core}/configmaps?watch=1&labelSelector=set%3Dwatched&resourceVersion=$(watched:metadata.resourceVersion)&timeoutSeconds=2`,
    ),
    events: 2,
  },
  {
    ...get(
      'watch again from where the watch was',
      `${core}/configmaps?watch=1&resourceVersion=$(watched changes:metadata.resourceVersion)&timeoutSeconds=2`,
    ),
    events: 2,
  },
  { ...get('watch from nowhere', `${core}/configmaps?watch=1&resourceVersion=nonsense`), events: 1 },
  post('seen first', `${core}/configmaps`, configMap('first', { labels: { set: 'initial' } })),
  {
    ...get(
      'watch with the state first',
      `${core}/configmaps?watch=1&labelSelector=set%3Dinitial&timeoutSeconds=2`,
    ),
    events: 1,
  },
  {
    ...get(
      'watch list',
      `${core}/configmaps?watch=1&labelSelector=set%3Dinitial&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=2`,
    ),
    events: 2,
  },
  {
    ...get(
      'watch one object',
      `${core}/configmaps?watch=1&fieldSelector=metadata.name%3Dfirst&timeoutSeconds=2`,
    ),
    events: 1,
  },
]

const two = {
  ...pod('two', {
    containers: [
      { ...container, ports: [{ containerPort: 80 }], env: [{ name: 'A', value: '1' }] },
      { name: 'side', image: 'busybox:1.36' },
    ],
  }),
}
const applied = (replicas: number | undefined, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'applied' },
  spec: {
    ...(replicas === undefined ? {} : { replicas }),
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } },
  },
})
const appliedPath = `${apps}/deployments/applied`

const patching: Request[] = [
  post(
    'a deployment to be patched',
    `${apps}/deployments`,
    deployment('patched', { ...workload, template: { metadata: { labels }, spec: two.spec } }),
  ),
  patch(
    'strategic: one container of two',
    `${apps}/deployments/patched`,
    { spec: { template: { spec: { containers: [{ name: 'side', image: 'busybox:1.37' }] } } } },
    strategicPatch,
  ),
  patch(
    'strategic: a variable more',
    `${apps}/deployments/patched`,
    { spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'B', value: '2' }] }] } } } },
    strategicPatch,
  ),
  patch(
    'strategic: a container less',
    `${apps}/deployments/patched`,
    { spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } } },
    strategicPatch,
  ),
  patch(
    'strategic: all containers replaced',
    `${apps}/deployments/patched`,
    {
      spec: {
        template: { spec: { containers: [{ $patch: 'replace' }, { name: 'only', image: 'busybox:1.36' }] } },
      },
    },
    strategicPatch,
  ),
  patch(
    'strategic: another strategy',
    `${apps}/deployments/patched`,
    { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
    strategicPatch,
  ),
  patch(
    'strategic: a label goes',
    `${apps}/deployments/patched`,
    { metadata: { labels: { gone: null } } },
    strategicPatch,
  ),
  patch(
    'strategic: an element without its key',
    `${apps}/deployments/patched`,
    { spec: { template: { spec: { containers: [{ image: 'x' }] } } } },
    strategicPatch,
  ),
  patch(
    'merge: the selector',
    `${apps}/deployments/patched`,
    { spec: { selector: { matchLabels: { app: 'other' } } } },
    mergePatch,
  ),
  patch('merge: nothing', `${apps}/deployments/patched`, {}, mergePatch),
  patch('merge: an array', `${apps}/deployments/patched`, [], mergePatch),
  patch(
    'merge: a field that is none, strict',
    `${apps}/deployments/patched?fieldValidation=Strict`,
    { spec: { nothing: 1 } },
    mergePatch,
  ),
  patch(
    'JSON: replace what is not there',
    `${apps}/deployments/patched`,
    [{ op: 'replace', path: '/spec/none', value: 1 }],
    jsonPatch,
  ),
  patch(
    'JSON: remove what is not there',
    `${apps}/deployments/patched`,
    [{ op: 'remove', path: '/spec/none' }],
    jsonPatch,
  ),
  patch(
    'JSON: move and copy',
    `${apps}/deployments/patched`,
    [
      { op: 'add', path: '/metadata/annotations', value: { x: '1' } },
      { op: 'copy', from: '/metadata/annotations/x', path: '/metadata/annotations/y' },
      { op: 'move', from: '/metadata/annotations/x', path: '/metadata/annotations/z' },
    ],
    jsonPatch,
  ),
  patch(
    'JSON: an operation that is none',
    `${apps}/deployments/patched`,
    [{ op: 'explode', path: '/spec' }],
    jsonPatch,
  ),
  patch('a patch of an unknown type', `${apps}/deployments/patched`, {}),
  patch('a patch of what is not there', `${apps}/deployments/none`, {}, mergePatch),
  patch(
    'status through the main resource',
    `${apps}/deployments/patched`,
    { status: { replicas: 9 } },
    mergePatch,
  ),
  patch(
    'status through its subresource',
    `${apps}/deployments/patched/status`,
    { status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1 } },
    mergePatch,
  ),
  patch(
    'a spec through the subresource',
    `${apps}/deployments/patched/status`,
    { spec: { replicas: 7 } },
    mergePatch,
  ),
  get('scale', `${apps}/deployments/patched/scale`),
  put('scale to four', `${apps}/deployments/patched/scale`, {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'patched', namespace: 'shop' },
    spec: { replicas: 4 },
  }),
  patch('scale to five', `${apps}/deployments/patched/scale`, { spec: { replicas: 5 } }, mergePatch),
  patch('scale below nothing', `${apps}/deployments/patched/scale`, { spec: { replicas: -1 } }, mergePatch),
  get('the deployment after all that', `${apps}/deployments/patched`),
  get('the deployment as a table', `${apps}/deployments/patched`, table),
  patch('apply: new', `${appliedPath}?fieldManager=one`, applied(2, 'busybox:1'), applyPatch),
  patch('apply: again', `${appliedPath}?fieldManager=one`, applied(2, 'busybox:1'), applyPatch),
  patch(
    'apply: by another, in conflict',
    `${appliedPath}?fieldManager=two`,
    applied(3, 'busybox:1'),
    applyPatch,
  ),
  patch(
    'apply: by another, by force',
    `${appliedPath}?fieldManager=two&force=true`,
    applied(3, 'busybox:1'),
    applyPatch,
  ),
  patch(
    'apply: the first gives replicas up',
    `${appliedPath}?fieldManager=one`,
    applied(undefined, 'busybox:1'),
    applyPatch,
  ),
  patch(
    'apply: in conflict over an image',
    `${appliedPath}?fieldManager=two`,
    applied(3, 'busybox:2'),
    applyPatch,
  ),
  patch('apply: without a manager', appliedPath, applied(1, 'busybox:1'), applyPatch),
  patch(
    'apply: with managed fields',
    `${appliedPath}?fieldManager=one`,
    { ...applied(1, 'busybox:1'), metadata: { name: 'applied', managedFields: [] } },
    applyPatch,
  ),
  patch(
    'apply: a field that is none',
    `${appliedPath}?fieldManager=one`,
    { ...applied(1, 'busybox:1'), nothing: 1 },
    applyPatch,
  ),
  patch(
    'apply: under another name',
    `${appliedPath}?fieldManager=one`,
    { ...applied(1, 'busybox:1'), metadata: { name: 'other' } },
    applyPatch,
  ),
  patch('force without apply', `${appliedPath}?force=true`, {}, mergePatch),
  get('the applied deployment', appliedPath),
]

const pods: Request[] = [
  post('a pod', `${core}/pods`, two),
  patch(
    'a pod: another image',
    `${core}/pods/two`,
    { spec: { containers: [{ name: 'side', image: 'busybox:1.37' }] } },
    strategicPatch,
  ),
  patch(
    'a pod: another command',
    `${core}/pods/two`,
    { spec: { containers: [{ name: 'side', command: ['x'] }] } },
    strategicPatch,
  ),
  patch(
    'a pod: another container',
    `${core}/pods/two`,
    { spec: { containers: [{ name: 'third', image: 'x' }] } },
    strategicPatch,
  ),
  patch(
    'a pod: a toleration more',
    `${core}/pods/two`,
    { spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } },
    mergePatch,
  ),
  get('a pod: its log', `${core}/pods/two/log`),
  get('a pod: as a table', `${core}/pods/two`, table),
  post('a pod: bound to nothing', `${core}/pods/two/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'two' },
    target: { kind: 'Node', name: '' },
  }),
  post('a pod: bound', `${core}/pods/two/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'two' },
    target: { kind: 'Node', name: 'node-1' },
  }),
  post('a pod: bound again', `${core}/pods/two/binding`, {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'two' },
    target: { kind: 'Node', name: 'node-2' },
  }),
  get('a pod: after its binding', `${core}/pods/two`),
  patch(
    'a pod: its status',
    `${core}/pods/two/status`,
    { status: { phase: 'Running', podIP: '192.168.0.5' } },
    mergePatch,
  ),
  patch(
    'a pod: a debug container',
    `${core}/pods/two/ephemeralcontainers`,
    { spec: { ephemeralContainers: [{ name: 'debug', image: 'busybox:1.36' }] } },
    strategicPatch,
  ),
  post('a pod: evicted, dry run', `${core}/pods/two/eviction`, {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name: 'two', namespace: 'shop' },
    deleteOptions: { dryRun: ['All'] },
  }),
  remove('a pod: deleted', `${core}/pods/two`, { gracePeriodSeconds: 5 }),
  get('a pod: being deleted', `${core}/pods/two`),
  remove('a pod: deleted at once', `${core}/pods/two`, { gracePeriodSeconds: 0 }),
  get('a pod: gone', `${core}/pods/two`),
  post(
    'a pod: on a node from the start',
    `${core}/pods`,
    pod('placed', { ...podSpec, nodeName: 'node-1', terminationGracePeriodSeconds: 1 }),
  ),
  post('a pod: its name generated', `${core}/pods?dryRun=All`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'many-' },
    spec: podSpec,
  }),
  post(
    'a pod: of classes of resources',
    `${core}/pods`,
    pod('guaranteed', {
      containers: [{ ...container, resources: { limits: { cpu: '500m', memory: '64Mi' } } }],
    }),
  ),
  post(
    'a pod: with probes',
    `${core}/pods`,
    pod('probed', {
      containers: [
        {
          ...container,
          readinessProbe: { httpGet: { port: 80 } },
          livenessProbe: { tcpSocket: { port: 80 } },
        },
      ],
    }),
  ),
  post(
    'a pod: with volumes',
    `${core}/pods`,
    pod('volumes', {
      containers: [{ ...container, volumeMounts: [{ name: 'a', mountPath: '/a' }] }],
      volumes: [
        { name: 'a' },
        { name: 'b', configMap: { name: 'x' } },
        { name: 'c', secret: { secretName: 'y' } },
      ],
    }),
  ),
  post('a token', `${core}/serviceaccounts/default/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 900 },
  }),
  post('a token for too short', `${core}/serviceaccounts/default/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 5 },
  }),
  post('a token of nobody', `${core}/serviceaccounts/nobody/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  }),
]

const services: Request[] = [
  post(
    'headless',
    `${core}/services`,
    service('headless', {
      clusterIP: 'None',
      selector: labels,
      ports: [{ port: 80, name: 'http', targetPort: 'http' }],
    }),
  ),
  post(
    'at an address',
    `${core}/services`,
    service('fixed', { clusterIP: '10.96.0.77', ports: [{ port: 80 }] }),
  ),
  post(
    'at an address that is taken',
    `${core}/services`,
    service('taken', { clusterIP: '10.96.0.77', ports: [{ port: 80 }] }),
  ),
  post(
    'of two protocols',
    `${core}/services`,
    service('dns', {
      ports: [
        { name: 'udp', port: 53, protocol: 'UDP' },
        { name: 'tcp', port: 53 },
      ],
    }),
  ),
  patch('to another address', `${core}/services/fixed`, { spec: { clusterIP: '10.96.0.78' } }, mergePatch),
  get('as a table', `${core}/services/dns`, table),
]

const finalizers: Request[] = [
  post('held', `${core}/configmaps`, {
    ...configMap('held'),
    metadata: { name: 'held', finalizers: ['example.com/hold'] },
  }),
  remove('held: deleted', `${core}/configmaps/held`),
  get('held: still there', `${core}/configmaps/held`),
  post('held: created again', `${core}/configmaps`, configMap('held')),
  patch(
    'held: one finalizer more',
    `${core}/configmaps/held`,
    { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } },
    mergePatch,
  ),
  patch('held: let go', `${core}/configmaps/held`, { metadata: { finalizers: null } }, mergePatch),
  get('held: gone', `${core}/configmaps/held`),
  post('a finalizer that is none', `${core}/configmaps`, {
    ...configMap('bad'),
    metadata: { name: 'bad', finalizers: ['nonsense!'] },
  }),
  post('immutable', `${core}/configmaps`, { ...configMap('still'), immutable: true }),
  patch('immutable: changed', `${core}/configmaps/still`, { data: { a: 'b' } }, mergePatch),
  post('owner without a uid', `${core}/configmaps`, {
    ...configMap('owned'),
    metadata: { name: 'owned', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x' }] },
  }),
  remove('delete what is not there', `${core}/configmaps/none`),
  remove('delete with a bad policy', `${core}/configmaps/still`, { propagationPolicy: 'Sometimes' }),
  put('update what is not there', `${core}/configmaps/none`, configMap('none')),
  put('update under another name', `${core}/configmaps/still`, configMap('other')),
  remove('the default namespace', '/api/v1/namespaces/default'),
]

const widgets = '/apis/example.com/v1/namespaces/shop/widgets'
const widget = (name: string, spec: unknown) => object('example.com/v1', 'Widget', name, { spec })
const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'widgets.example.com', {
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', minimum: 1, maximum: 5 },
                  mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
                  name: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
                  ports: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: { type: 'string' }, port: { type: 'integer' } },
                    },
                  },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
})
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** What a real API server needs a moment for comes in two parts: these define a kind, the others use it. */
const defining: Request[] = [
  post('definition under a wrong name', definitions, {
    ...definition,
    metadata: { name: 'wrong.example.com' },
  }),
  post('definition', definitions, definition),
]

const custom: Request[] = [
  post('widget', widgets, widget('one', { size: 2 })),
  post('widget too large', widgets, widget('bad', { size: 9 })),
  post('widget without a size', widgets, widget('bad', {})),
  post('widget of an unknown mode', widgets, widget('bad', { size: 1, mode: 'c' })),
  post('widget with a bad name', widgets, widget('bad', { size: 1, name: 'ABC' })),
  post('widget with a long name', widgets, widget('bad', { size: 1, name: 'abcdefgh' })),
  post('widget with a size as text', widgets, widget('bad', { size: 'large' })),
  post(
    'widget with a field that is none',
    `${widgets}?fieldValidation=Strict`,
    widget('bad', { size: 1, none: 1 }),
  ),
  post(
    'widget with a field that is none, warned of',
    `${widgets}?dryRun=All`,
    widget('pruned', { size: 1, none: 1 }),
  ),
  get('widgets as a table', widgets, table),
  patch('widget: strategic patch', `${widgets}/one`, { spec: { size: 3 } }, strategicPatch),
  patch('widget: merge patch', `${widgets}/one`, { spec: { size: 3 } }, mergePatch),
  patch(
    'widget: apply ports',
    `${widgets}/one?fieldManager=one`,
    widget('one', { ports: [{ name: 'a', port: 1 }] }),
    applyPatch,
  ),
  patch(
    'widget: another applies ports',
    `${widgets}/one?fieldManager=two`,
    widget('one', { ports: [{ name: 'b', port: 2 }] }),
    applyPatch,
  ),
  patch('widget: status through the main resource', `${widgets}/one`, { status: { phase: 'x' } }, mergePatch),
  patch('widget: status', `${widgets}/one/status`, { status: { phase: 'y' } }, mergePatch),
  get('resources of example.com/v1', '/apis/example.com/v1'),
  remove('widget: deleted', `${widgets}/one`),
]

const reviews: Request[] = [
  post('may I', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
  }),
  get('a review cannot be listed', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'),
  post('a token that is none', '/apis/authentication.k8s.io/v1/tokenreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'nonsense' },
  }),
  put('update of a collection', `${core}/configmaps`, {}),
  post('create at an object', `${core}/configmaps/still`, configMap('still')),
]

/** What has to be there first, on either side. */
export const preparation: Request[] = [
  post('the namespace', '/api/v1/namespaces', object('v1', 'Namespace', 'shop')),
  post('its service account', `${core}/serviceaccounts`, object('v1', 'ServiceAccount', 'default')),
  ...defining,
]

export const requests: Request[] = [
  ...discovery,
  ...lives,
  ...invalid,
  ...selecting,
  ...watching,
  ...patching,
  ...pods,
  ...services,
  ...finalizers,
  ...custom,
  ...reviews,
]
