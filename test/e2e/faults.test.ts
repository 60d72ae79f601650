import { eventually } from '../support/eventually.ts'
import { kubectlOf, testWithKubectl } from '../support/kubectl.ts'
import { homeForTests } from '../support/ztlab.ts'

/** What a real cluster does when something breaks. That all of it dies is in crashes.test.ts. */
const home = homeForTests()
const kubectl = kubectlOf(home, 'faults')
const withFault = (title: string, body: () => Promise<void>) => testWithKubectl(title, body, 400_000)

withFault('a killed process of a container: it runs again, with what it ended by', async () => {
  expect((await home.ztlab(['cluster', 'up', '--name', 'faults'])).code).toBe(0)
  await kubectl(['create', '-f', '-'], web)
  await kubectl(['rollout', 'status', 'deploy/web', '--timeout=60s'])
  const pod = await webPod()
  await onNode(pod, ['kill', '-9', String((await inspect(pod)).pid)])
  await kubectl([
    'wait',
    '--for=jsonpath={.status.containerStatuses[0].restartCount}=1',
    `pod/${pod}`,
    '--timeout=30s',
  ])
  await kubectl(['wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=30s'])
  const [status] = (await statusOf(pod)).containerStatuses
  expect(status.lastState.terminated).toMatchObject({ exitCode: 137, reason: 'Error', signal: 9 })
})

withFault(
  'a killed sandbox: the pod gets another, with a new address, and its containers run again',
  async () => {
    const pod = await webPod()
    const { pid, address } = await inspect(pod)
    await kubectl(['exec', pod, '--', 'sh', '-c', 'echo kept > /data/file'])
    await onNode(pod, ['sh', '-c', killSandbox, 'sh', String(pid)])
    // Until then it may have no address at all, or be taken for as ready as before.
    await eventually(async () => {
      const { podIP, containerStatuses } = await statusOf(pod)
      expect([undefined, address]).not.toContain(podIP)
      expect(containerStatuses).toMatchObject([{ restartCount: 2, state: { running: {} }, ready: true }])
    })
    expect(await kubectl(['exec', pod, '--', 'cat', '/data/file'])).toBe('kept\n')
    await eventually(async () =>
      expect(await eventsOf(pod)).toContain(
        'SandboxChanged: Pod sandbox changed, it will be killed and re-created.',
      ),
    )
    await eventually(async () => expect(await reached()).toMatch(/^web-/))
  },
)

withFault('a veth that is gone: the pod is no longer ready nor an endpoint; its successor is', async () => {
  const pod = await webPod()
  const { hostInterface } = await inspect(pod)
  await onNode(pod, ['ip', 'link', 'del', hostInterface])
  await kubectl(['wait', '--for=condition=Ready=false', `pod/${pod}`, '--timeout=60s'])
  const endpoints = [
    'get',
    'endpointslice',
    '-l',
    'kubernetes.io/service-name=web',
    '-o',
    'jsonpath={.items[*].endpoints[*].conditions.ready}',
  ]
  await eventually(async () => expect(await kubectl(endpoints)).toBe('false'))
  await kubectl(['delete', 'pod', pod, '--timeout=60s'])
  await kubectl(['rollout', 'status', 'deploy/web', '--timeout=60s'])
  // A pod is ready before every node knows the way to it.
  await eventually(async () => expect(await reached()).toMatch(/^web-/))
})

withFault('a deleted DNS pod is replaced, and names are resolved again', async () => {
  await kubectl(['-n', 'kube-system', 'delete', 'pod', '-l', 'k8s-app=kube-dns', '--timeout=60s'])
  await kubectl(['-n', 'kube-system', 'rollout', 'status', 'deploy/coredns', '--timeout=60s'])
  await eventually(async () => expect(await reached()).toMatch(/^web-/))
})

/** How many find room: on a machine that is not shared, ZTLAB_PODS_THAT_FIT=100 asks for what the aim says. */
const thatFit = Number(process.env.ZTLAB_PODS_THAT_FIT ?? 12)

withFault(
  `500 pods asked for where ${thatFit} fit: those run, the others wait and say why, and all can be deleted`,
  async () => {
    const nodes = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])).items
    const kibibytes = Number.parseInt(nodes[0].status.allocatable.memory, 10)
    const request = `${Math.floor((kibibytes * nodes.length) / (thatFit + nodes.length * 0.9))}Ki`
    await kubectl(['create', '-f', '-'], many(request))
    const running = ['-l', 'app=many', '--field-selector', 'status.phase=Running', '-o', 'name']
    await eventually(
      async () =>
        expect((await kubectl(['get', 'pods', ...running])).trim().split('\n')).toHaveLength(thatFit),
      100_000,
    )
    const pending = ['-l', 'app=many', '--field-selector', 'status.phase=Pending', '-o', 'json']
    const why = '0/2 nodes are available: 2 Insufficient memory'
    await eventually(async () => {
      const { items } = JSON.parse(await kubectl(['get', 'pods', ...pending]))
      expect(items).toHaveLength(500 - thatFit)
      for (const { status } of items)
        expect(status.conditions).toMatchObject([
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: expect.stringContaining(why),
          },
        ])
      expect(await eventsOf(items[0].metadata.name)).toContain(`FailedScheduling: ${why}`)
    }, 60_000)
    // What runs is served as before, and nothing of it all stays.
    expect(await reached()).toMatch(/^web-/)
    await kubectl(['delete', 'deploy/many', '--cascade=foreground', '--timeout=100s'])
    expect(await kubectl(['get', 'pods', '-l', 'app=many', '-o', 'name'])).toBe('')
  },
)

withFault(
  'a disk that is full: the pod that wrote most is evicted, its node refuses others until there is room',
  async () => {
    const env = { ZTLAB_NODE_DISK: '200m' }
    expect((await home.ztlab(['cluster', 'up', '--name', 'full'], { env })).code).toBe(0)
    const onFull = kubectlOf(home, 'full')
    const evicted = (pod: string) =>
      onFull(['wait', '--for=jsonpath={.status.reason}=Evicted', `pod/${pod}`, '--timeout=60s'])
    const hasWritten = async (pod: string) => {
      const reason = await onFull(['get', 'pod', pod, '-o', 'jsonpath={.status.reason}'])
      if (reason !== 'Evicted') expect(await onFull(['logs', pod])).toContain('records out')
    }
    // On a disk that is full already nobody could write more than he may.
    await onFull(['create', '-f', '-'], writers)
    await eventually(() => Promise.all(['modest', 'over-its-volume', 'over-its-limit'].map(hasWritten)))
    await onFull(['create', '-f', '-'], filler)
    await Promise.all(['over-its-volume', 'over-its-limit', 'fills-the-disk'].map(evicted))
    const message = (pod: string) =>
      onFull(['get', 'pod', pod, '-o', 'jsonpath={.status.phase}: {.status.message}'])
    expect(await message('over-its-volume')).toBe(
      'Failed: Usage of EmptyDir volume "data" exceeds the limit "1Mi". ',
    )
    expect(await message('over-its-limit')).toBe(
      'Failed: Container c exceeded its local ephemeral storage limit "1Mi". ',
    )
    expect(await message('fills-the-disk')).toMatch(
      /^Failed: The node was low on resource: ephemeral-storage\. Threshold quantity: \d+, available: \d+Ki\. Container c was using \d+Ki, request is 0/,
    )
    const reasons = 'jsonpath={range .items[*]}{.involvedObject.name}: {.reason}{"\\n"}{end}'
    await eventually(async () => {
      const events = await onFull(['get', 'events', '-o', reasons])
      expect(events).toMatch(/node-\d: EvictionThresholdMet\n/)
      expect(events).toContain('fills-the-disk: Evicted\n')
    })
    // There is room again: the node takes pods, and who kept to its limits never noticed.
    const pressure =
      'jsonpath={.items[*].status.conditions[?(@.type=="DiskPressure")].status} {.items[*].spec.taints}'
    await eventually(async () =>
      expect((await onFull(['get', 'nodes', '-o', pressure])).trim()).toBe('False False'),
    )
    expect(
      await onFull([
        'get',
        'pod',
        'modest',
        '-o',
        'jsonpath={.status.phase} {.status.containerStatuses[0].restartCount}',
      ]),
    ).toBe('Running 0')
  },
)

const writer = (name: string, megabytes: number, rest: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: c
      image: busybox
      command: [sh, -c, "dd if=/dev/zero of=/data/file bs=1M count=${megabytes}; sleep 1d"]
${rest}
`

const writers = [
  writer(
    'modest',
    2,
    '      volumeMounts: [{ name: data, mountPath: /data }]\n  volumes: [{ name: data, emptyDir: { sizeLimit: 8Mi } }]',
  ),
  writer(
    'over-its-volume',
    3,
    '      volumeMounts: [{ name: data, mountPath: /data }]\n  volumes: [{ name: data, emptyDir: { sizeLimit: 1Mi } }]',
  ),
  writer('over-its-limit', 3, '      resources: { limits: { ephemeral-storage: 1Mi } }').replaceAll(
    '/data/',
    '/',
  ),
].join('---')

const filler = writer(
  'fills-the-disk',
  500,
  '      volumeMounts: [{ name: data, mountPath: /data }]\n  volumes: [{ name: data, emptyDir: {} }]',
)

const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: web
          image: registry.k8s.io/e2e-test-images/agnhost:2.53
          args: [netexec, --http-port=8080]
          readinessProbe: { httpGet: { path: /hostname, port: 8080 }, periodSeconds: 1, failureThreshold: 1 }
          volumeMounts: [{ name: data, mountPath: /data }]
      volumes: [{ name: data, emptyDir: { medium: Memory } }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { terminationGracePeriodSeconds: 0, containers: [{ name: client, image: busybox, command: [sleep, 1d] }] }
`

const many = (memory: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: many }
spec:
  replicas: 500
  selector: { matchLabels: { app: many } }
  template:
    metadata: { labels: { app: many } }
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: c, image: busybox, command: [sleep, 1d], resources: { requests: { memory: ${memory} } } }]
`

/** Ends the process that holds the namespaces of the container whose PID is given. */
const killSandbox = `
net=$(readlink /proc/$1/ns/net)
for process in /proc/[0-9]*; do
  [ "$(readlink $process/ns/net)" = "$net" ] || continue
  if grep -q 2147483647 $process/cmdline; then kill -9 \${process#/proc/}; fi
done
`

async function webPod(): Promise<string> {
  return kubectl(['get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}'])
}

// biome-ignore lint/suspicious/noExplicitAny: as kubectl prints it
async function statusOf(pod: string): Promise<any> {
  return JSON.parse(await kubectl(['get', 'pod', pod, '-o', 'json'])).status
}

async function eventsOf(pod: string): Promise<string> {
  const format = 'jsonpath={range .items[*]}{.reason}: {.message}{"\\n"}{end}'
  return kubectl(['get', 'events', '--field-selector', `involvedObject.name=${pod}`, '-o', format])
}

async function inspect(pod: string): Promise<{ pid: number; address: string; hostInterface: string }> {
  const { stdout } = await home.ztlab([
    'inspect',
    'pod',
    `default/${pod}`,
    '--name',
    'faults',
    '--output',
    'json',
  ])
  const { containers, address, veth } = JSON.parse(stdout)
  return { pid: containers[0].pid, address, hostInterface: veth.nodeInterface }
}

/** Runs a command on the pod's node, as root there. */
async function onNode(pod: string, argv: string[]): Promise<void> {
  const node = await kubectl(['get', 'pod', pod, '-o', 'jsonpath={.spec.nodeName}'])
  const { code, stderr } = await home.ztlab([
    'cluster',
    'shell',
    '--name',
    'faults',
    '--node',
    node,
    '--',
    ...argv,
  ])
  expect({ argv, code, stderr: code === 0 ? '' : stderr }).toEqual({ argv, code: 0, stderr: '' })
}

/** What the Service answers to the client, by its name. */
async function reached(): Promise<string> {
  return kubectl(['exec', 'client', '--', 'timeout', '10', 'wget', '-qO-', 'http://web/hostname'])
}
