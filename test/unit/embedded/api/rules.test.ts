import { type ResourceType, resources } from '../../../../src/embedded/api-client/index.ts'
import { object, withApi } from './harness.ts'

type Fields = Record<string, unknown>
/** What is wrong, the document, and the field that is blamed, with the reason where it is not `Invalid`. */
type Case = [string, Fields, string, string?]

const template = (spec: Fields = {}, container: Fields = {}) => ({
  containers: [{ name: 'main', image: 'busybox', ...container }],
  ...spec,
})
const inPod = (spec: Fields) => template(spec)
const inContainer = (container: Fields) => template({}, container)
const inVolume = (source: Fields) => template({ volumes: [{ name: 'files', ...source }] })
const inProbe = (probe: Fields) => inContainer({ livenessProbe: { tcpSocket: { port: 80 }, ...probe } })
const inVariable = (valueFrom: Fields) => inContainer({ env: [{ name: 'A', valueFrom }] })
const inAffinity = (nodeSelectorTerms: Fields[]) =>
  inPod({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  })
const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }

const [required, forbidden, duplicate, notSupported] = [
  'Required value',
  'Forbidden',
  'Duplicate value',
  'Unsupported value',
]
const main = 'spec.containers[0]'

const inPorts = (...ports: Fields[]) => inContainer({ ports })
const web = { containerPort: 80, hostPort: 8080 }
const hostPortCases: Case[] = [
  ['a port of the node above all', inPorts({ ...web, hostPort: 65536 }), `${main}.ports[0].hostPort`],
  ['a port of the node below none', inPorts({ ...web, hostPort: -1 }), `${main}.ports[0].hostPort`],
  [
    'a port of the node twice',
    inPorts(web, { ...web, containerPort: 81 }),
    `${main}.ports[1].hostPort: ${duplicate}: "TCP//8080"`,
    '',
  ],
  [
    'a port of one address twice, in two containers',
    inPod({
      containers: [
        { name: 'a', image: 'busybox', ports: [{ ...web, hostIP: '172.18.0.2' }] },
        { name: 'b', image: 'busybox', ports: [{ ...web, hostIP: '172.18.0.2' }] },
      ],
    }),
    `spec.containers[1].ports[0].hostPort: ${duplicate}: "TCP/172.18.0.2/8080"`,
    '',
  ],
  [
    'a port twice in one init container',
    inPod({ initContainers: [{ name: 'i', image: 'busybox', ports: [web, { ...web, containerPort: 81 }] }] }),
    'spec.initContainers[0].ports[1].hostPort',
    duplicate,
  ],
  [
    'a port of the node that is another, on its network',
    template({ hostNetwork: true }, { ports: [web] }),
    `${main}.ports[0].hostPort: Invalid value: 8080: must match \`containerPort\` when \`hostNetwork\` is true`,
    '',
  ],
  ['a port of no address', inPorts({ ...web, hostIP: 'eth0' }), `${main}.ports[0].hostIP`],
]

const pods: Case[] = [
  [
    'negative memory',
    inContainer({ resources: { requests: { memory: '-1' } } }),
    `${main}.resources.requests[memory]`,
  ],
  [
    'an unknown resource',
    inContainer({ resources: { limits: { gold: 1 } } }),
    `${main}.resources.limits[gold]`,
  ],
  [
    'half a device',
    inContainer({ resources: { limits: { 'example.com/gpu': '500m' } } }),
    `${main}.resources.limits[example.com/gpu]`,
  ],
  ['one volume twice', inPod({ volumes: [{ name: 'v' }, { name: 'v' }] }), 'spec.volumes[1].name', duplicate],
  [
    'two sources',
    inVolume({ emptyDir: {}, configMap: { name: 'a' } }),
    'spec.volumes[0].configMap',
    forbidden,
  ],
  ['a secret without a name', inVolume({ secret: {} }), 'spec.volumes[0].secret.secretName', required],
  [
    'a mode of four digits',
    inVolume({ secret: { secretName: 'a', defaultMode: 0o1777 } }),
    'spec.volumes[0].secret.defaultMode',
  ],
  [
    'a file outside its volume',
    inVolume({ configMap: { name: 'a', items: [{ key: 'a', path: '../a' }] } }),
    'spec.volumes[0].configMap.items[0].path',
  ],
  [
    'two files of one path',
    inVolume({
      projected: {
        sources: [
          { configMap: { name: 'a', items: [{ key: 'a', path: 'a' }] } },
          { secret: { name: 'b', items: [{ key: 'a', path: 'a' }] } },
        ],
      },
    }),
    'spec.volumes[0].projected',
  ],
  [
    'a token of five seconds',
    inVolume({ projected: { sources: [{ serviceAccountToken: { path: 'a', expirationSeconds: 5 } }] } }),
    'spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds',
  ],
  [
    'two mounts at one path',
    template(
      { volumes: [{ name: 'v' }] },
      {
        volumeMounts: [
          { name: 'v', mountPath: '/a' },
          { name: 'v', mountPath: '/a' },
        ],
      },
    ),
    `${main}.volumeMounts[1].mountPath`,
  ],
  [
    'a part outside its volume',
    template(
      { volumes: [{ name: 'v' }] },
      { volumeMounts: [{ name: 'v', mountPath: '/a', subPath: 'a/../../b' }] },
    ),
    `${main}.volumeMounts[0].subPath`,
  ],
  [
    'a variable of two sources',
    inVariable({ fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: { name: 'a', key: 'b' } }),
    `${main}.env[0].valueFrom`,
  ],
  ['a variable of no source', inVariable({}), `${main}.env[0].valueFrom`],
  [
    'a field that is not told',
    inVariable({ fieldRef: { fieldPath: 'metadata.labels' } }),
    `${main}.env[0].valueFrom.fieldRef.fieldPath`,
    notSupported,
  ],
  [
    'a field that there is not',
    inVariable({ fieldRef: { fieldPath: 'spec.color' } }),
    `${main}.env[0].valueFrom.fieldRef.fieldPath`,
  ],
  ['a variable with a sign', inContainer({ env: [{ name: 'A=B' }] }), `${main}.env[0].name`],
  ['variables of nothing', inContainer({ envFrom: [{}] }), `${main}.envFrom[0]`],
  ['a probe of nothing', inContainer({ livenessProbe: {} }), `${main}.livenessProbe`, required],
  ['a probe of two', inProbe({ exec: { command: ['true'] } }), `${main}.livenessProbe.tcpSocket`, forbidden],
  ['a negative period', inProbe({ periodSeconds: -1 }), `${main}.livenessProbe.periodSeconds`],
  ['life after two successes', inProbe({ successThreshold: 2 }), `${main}.livenessProbe.successThreshold`],
  ['a port that is none', inProbe({ tcpSocket: { port: 70_000 } }), `${main}.livenessProbe.tcpSocket.port`],
  ['a hook of nothing', inContainer({ lifecycle: { preStop: {} } }), `${main}.lifecycle.preStop`, required],
  [
    'a hook that outlasts its pod',
    inContainer({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
    `${main}.lifecycle.preStop.sleep`,
  ],
  ['no time at all', inPod({ activeDeadlineSeconds: 0 }), 'spec.activeDeadlineSeconds'],
  ['no resolver', inPod({ dnsPolicy: 'None' }), 'spec.dnsConfig', required],
  ['a host name of 64 letters', inPod({ hostname: 'a'.repeat(64) }), 'spec.hostname'],
  [
    'a toleration without a key',
    inPod({ tolerations: [{ operator: 'Equal' }] }),
    'spec.tolerations[0].operator',
  ],
  [
    'a patience that ends with nothing',
    inPod({ tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }] }),
    'spec.tolerations[0].effect',
  ],
  [
    'no term at all',
    inAffinity([]),
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms',
    required,
  ],
  [
    'in nothing',
    inAffinity([{ matchExpressions: [{ key: 'a', operator: 'In' }] }]),
    'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values',
    required,
  ],
  [
    'no skew',
    inPod({ topologySpreadConstraints: [{ ...spread, maxSkew: 0 }] }),
    'spec.topologySpreadConstraints[0].maxSkew',
  ],
  [
    'the same spread twice',
    inPod({ topologySpreadConstraints: [spread, { ...spread, maxSkew: 2 }] }),
    'spec.topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}',
    duplicate,
  ],
  [
    'one port twice',
    inContainer({
      ports: [
        { name: 'a', containerPort: 1 },
        { name: 'a', containerPort: 2 },
      ],
    }),
    `${main}.ports[1].name`,
    duplicate,
  ],
  [
    'a port of 16 letters',
    inContainer({ ports: [{ name: 'abcdefghijklmnop', containerPort: 1 }] }),
    `${main}.ports[0].name`,
  ],
  ...hostPortCases,
  [
    'a user below none',
    inContainer({ securityContext: { runAsUser: -1 } }),
    `${main}.securityContext.runAsUser`,
  ],
  [
    'a privileged container that may not escalate',
    inContainer({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
    `${main}.securityContext`,
  ],
  [
    'one that says whether it restarts',
    inContainer({ restartPolicy: 'Always' }),
    `${main}.restartPolicy`,
    forbidden,
  ],
  [
    'a probe of what ends',
    inPod({ initContainers: [{ name: 'i', image: 'a', readinessProbe: { tcpSocket: { port: 1 } } }] }),
    'spec.initContainers[0].readinessProbe',
    forbidden,
  ],
  [
    'a debug container from the start',
    inPod({ ephemeralContainers: [{ name: 'd', image: 'a' }] }),
    'spec.ephemeralContainers',
    forbidden,
  ],
]

/** Of each case that is not refused as it should be, what is said instead. */
function notRefused(
  cases: Case[],
  type: ResourceType,
  [apiVersion, kind]: [string, string],
): Promise<unknown[]> {
  const found: unknown[] = []
  return withApi(async ({ client }) => {
    for (const [title, spec, field, reason = 'Invalid value'] of cases) {
      const wrong = object(apiVersion, kind, { name: 'wrong', namespace: 'shop' }, { spec })
      const said = await client.create(type, wrong).catch((error: Error) => error.message)
      const expected = ` "wrong" is invalid: ${field}${reason && `: ${reason}`}`
      if (typeof said !== 'string' || !said.includes(expected)) found.push({ title, said })
    }
  }).then(() => found)
}

test('a pod that cannot be is refused at the field that is wrong', async () => {
  expect(await notRefused(pods, resources.pods, ['v1', 'Pod'])).toEqual([])
})

const labels = { app: 'web' }
const deployment = (spec: Fields) => ({
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: template() },
  ...spec,
})
const rolling = (rollingUpdate: Fields) => deployment({ strategy: { rollingUpdate } })

const deployments: Case[] = [
  [
    'neither more nor fewer pods',
    rolling({ maxSurge: 0, maxUnavailable: '0%' }),
    'spec.strategy.rollingUpdate.maxUnavailable',
  ],
  ['fewer than none', rolling({ maxUnavailable: '101%' }), 'spec.strategy.rollingUpdate.maxUnavailable'],
  ['a number as a text', rolling({ maxSurge: '5' }), 'spec.strategy.rollingUpdate.maxSurge'],
  ['a negative history', deployment({ revisionHistoryLimit: -1 }), 'spec.revisionHistoryLimit'],
  [
    'a deadline before it counts',
    deployment({ progressDeadlineSeconds: 5, minReadySeconds: 5 }),
    'spec.progressDeadlineSeconds',
  ],
  [
    'a limit of how all go at once',
    deployment({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
    'spec.strategy.rollingUpdate',
    forbidden,
  ],
  [
    'labels that are none',
    deployment({ template: { metadata: { labels: { ...labels, tier: 'a b' } }, spec: template() } }),
    'spec.template.labels',
  ],
  [
    'expressions that its own pods do not meet',
    deployment({ selector: { matchExpressions: [{ key: 'tier', operator: 'Exists' }] } }),
    'spec.template.metadata.labels',
  ],
  [
    'pods that end',
    deployment({ template: { metadata: { labels }, spec: template({ activeDeadlineSeconds: 5 }) } }),
    'spec.template.spec.activeDeadlineSeconds',
    forbidden,
  ],
]

test('a Deployment that cannot be is refused at the field that is wrong', async () => {
  expect(await notRefused(deployments, resources.deployments, ['apps/v1', 'Deployment'])).toEqual([])
})

const jobs: Case[] = [
  [
    'failed indexes that are counted and not told apart',
    {
      ...{ completionMode: 'Indexed', completions: 2, maxFailedIndexes: 1 },
      template: { spec: template({ restartPolicy: 'Never' }) },
    },
    'spec.backoffLimitPerIndex',
    required,
  ],
  [
    'a success of indexes without any',
    {
      successPolicy: { rules: [{ succeededCount: 1 }] },
      template: { spec: template({ restartPolicy: 'Never' }) },
    },
    'spec.successPolicy',
  ],
]

test('a Job that cannot be is refused at the field that is wrong, and so is a CronJob that would make it', async () => {
  expect(await notRefused(jobs, resources.jobs, ['batch/v1', 'Job'])).toEqual([])
  const cron = (container: Fields): Fields => ({
    schedule: '@daily',
    jobTemplate: { spec: { template: { spec: template({ restartPolicy: 'Never' }, container) } } },
  })
  const at = 'spec.jobTemplate.spec.template.spec.containers[0]'
  const cronJobs: Case[] = [
    ['no image', cron({ image: '' }), `${at}.image`, required],
    [
      'a mount of nothing',
      cron({ volumeMounts: [{ name: 'a', mountPath: '/a' }] }),
      `${at}.volumeMounts[0].name`,
      'Not found',
    ],
  ]
  const kind = { groupVersion: 'apis/batch/v1', plural: 'cronjobs', namespaced: true }
  expect(await notRefused(cronJobs, kind, ['batch/v1', 'CronJob'])).toEqual([])
})

test('ports of the node are taken as they are asked for; on its network each port is one of its own', () =>
  withApi(async ({ client }) => {
    const create = async (name: string, spec: Fields) =>
      (await client.create(resources.pods, object('v1', 'Pod', { name, namespace: 'shop' }, { spec }))).spec
    const ports = [
      web,
      { ...web, containerPort: 81, hostIP: '172.18.0.2' },
      { ...web, protocol: 'UDP' },
      { ...web, containerPort: 82, hostIP: '0.0.0.0' },
    ]
    const spec = template({ initContainers: [{ name: 'i', image: 'busybox', ports: [web] }] }, { ports })
    const made = await create('led', spec)
    expect(made.containers[0].ports).toEqual(ports.map((port) => ({ protocol: 'TCP', ...port })))
    const shared = await create(
      'shared',
      template({ hostNetwork: true }, { ports: [{ containerPort: 80 }, { containerPort: 81, hostPort: 0 }] }),
    )
    expect(shared.containers[0].ports).toMatchObject([{ hostPort: 80 }, { hostPort: 81 }])
  }))

test('a template on the network of its node may leave its ports there out, and not choose them', async () => {
  const of = (ports: Fields[]) =>
    deployment({ template: { metadata: { labels }, spec: template({ hostNetwork: true }, { ports }) } })
  const cases: Case[] = [
    ['another port', of([web]), `spec.template.${main}.ports[0].hostPort`],
    ['no port', of([{ containerPort: 80 }]), 'it is taken'],
  ]
  const found = await notRefused(cases, resources.deployments, ['apps/v1', 'Deployment'])
  expect(found).toMatchObject([{ title: 'no port', said: { kind: 'Deployment' } }])
})

test('a Job without a name is refused for that, although its pods are labelled by it', () =>
  withApi(async ({ client }) => {
    const spec = { template: { spec: template({ restartPolicy: 'Never' }) } }
    const nameless = object('batch/v1', 'Job', { namespace: 'shop' }, { spec })
    await expect(client.create(resources.jobs, nameless)).rejects.toMatchObject({
      code: 422,
      message: 'Job.batch "" is invalid: metadata.name: Required value: name or generateName is required',
    })
  }))

test('zero resources are none, empty limits are no requests, and whoever bears everything needs no more tolerations', () =>
  withApi(async ({ client }) => {
    const made = await client.create(
      resources.pods,
      object(
        'v1',
        'Pod',
        { name: 'light', namespace: 'shop' },
        {
          spec: template(
            { tolerations: [{ operator: 'Exists' }] },
            {
              resources: { limits: {}, requests: { cpu: '0' } },
              env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
            },
          ),
        },
      ),
    )
    expect(made.status.qosClass).toBe('BestEffort')
    expect(made.spec.tolerations).toEqual([{ operator: 'Exists' }])
    expect(made.spec.containers[0]).toMatchObject({
      resources: { requests: { cpu: '0' } },
      env: [{ valueFrom: { resourceFieldRef: { divisor: '0' } } }],
    })
  }))

test('what Go takes for left out is filled in', () =>
  withApi(async ({ client }) => {
    const spec = template(
      { restartPolicy: '', dnsPolicy: '' },
      {
        livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: 0, failureThreshold: 0, timeoutSeconds: 0 },
      },
    )
    const created = await client.create(
      resources.pods,
      object('v1', 'Pod', { name: 'empty', namespace: 'shop' }, { spec }),
    )
    expect(created.spec).toMatchObject({
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      containers: [{ livenessProbe: { periodSeconds: 10, failureThreshold: 3, timeoutSeconds: 1 } }],
    })
  }))

test('quantities are stored in one form, however they are written', () =>
  withApi(async ({ client }) => {
    const spec = inContainer({
      resources: { limits: { cpu: '1000m', memory: 1e8 }, requests: { memory: '0.5Mi' } },
    })
    const created = await client.create(
      resources.pods,
      object('v1', 'Pod', { name: 'sized', namespace: 'shop' }, { spec }),
    )
    expect(created.spec.containers[0].resources).toEqual({
      limits: { cpu: '1', memory: '100M' },
      requests: { cpu: '1', memory: '512Ki' },
    })
  }))

test('a ConfigMap is no larger than 1 MiB, and its keys are names of files', () =>
  withApi(async ({ client }) => {
    const create = (fields: Fields) =>
      client.create(resources.configMaps, object('v1', 'ConfigMap', { name: 'a', namespace: 'shop' }, fields))
    await expect(create({ data: { a: 'x'.repeat(2 ** 20 + 1) } })).rejects.toMatchObject({
      code: 422,
      message: 'ConfigMap "a" is invalid: []: Too long: may not be more than 1048576 bytes',
    })
    await expect(create({ data: { '..': 'x' } })).rejects.toMatchObject({ code: 422 })
    await create({ data: { constructor: 'x' }, binaryData: { a: '' } })
  }))

test('annotations have 256 KiB in all, and a generated name at most 63 letters', () =>
  withApi(async ({ client }) => {
    const create = (metadata: Fields) =>
      client.create(resources.configMaps, object('v1', 'ConfigMap', { namespace: 'shop', ...metadata }))
    const annotations = { a: 'x'.repeat(200_000), b: 'x'.repeat(70_000) }
    await expect(create({ name: 'noted', annotations })).rejects.toMatchObject({
      code: 422,
      message: expect.stringContaining('metadata.annotations: Too long: may not be more than 262144 bytes'),
    })
    expect((await create({ generateName: 'a'.repeat(300) })).metadata.name).toMatch(/^a{58}[a-z0-9]{5}$/)
  }))

test('an object takes 1.5 MiB at most, as in etcd', () =>
  withApi(async ({ client }) => {
    const create = (bytes: number) =>
      client.create(
        resources.pods,
        object(
          'v1',
          'Pod',
          { name: `of-${bytes}`, namespace: 'shop' },
          { spec: inContainer({ args: ['x'.repeat(bytes)] }) },
        ),
      )
    await create(1_500_000)
    await expect(create(1_600_000)).rejects.toMatchObject({
      code: 413,
      message: 'etcdserver: request is too large',
    })
  }))

test('an integer has the bits that its kind says', () =>
  withApi(async ({ client }) => {
    const create = (seconds: Fields) =>
      client.create(
        resources.pods,
        object('v1', 'Pod', { name: 'timed', namespace: 'shop' }, { spec: inProbe(seconds) }),
      )
    await expect(create({ periodSeconds: 2 ** 31 })).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining('livenessProbe.periodSeconds: expected integer'),
    })
    await create({ periodSeconds: 2 ** 31 - 1, terminationGracePeriodSeconds: 2 ** 40 })
  }))
