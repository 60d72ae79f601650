import {
  apps,
  batch,
  container,
  core,
  deployment,
  labels,
  object,
  pod,
  podSpec,
  policies,
  policy,
  post,
  type Request,
  service,
  template,
  workload,
} from './request.ts'

export const invalid: Request[] = [
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
