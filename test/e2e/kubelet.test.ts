import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { kubectlOf, testWithKubectl } from '../support/kubectl.ts'
import { homeForTests } from '../support/ztlab.ts'

const home = homeForTests()
const kubectl = kubectlOf(home, 'kubelet')
const withPods = (title: string, body: () => Promise<void>) => testWithKubectl(title, body, 240_000)

withPods("a pod's security context is what its processes find", async () => {
  expect((await home.ztlab(['cluster', 'up', '--name', 'kubelet'])).code).toBe(0)
  await kubectl(['apply', '-f', '-'], [secured, unmasked, privileged].join('---\n'))
  await kubectl(['wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s'])
  const inSecured = (script: string) => kubectl(['exec', 'secured', '--', 'sh', '-c', script])

  expect(await inSecured('id')).toBe('uid=1000 gid=3000 groups=2000,3000,4000\n')
  expect(await inSecured('touch /x 2>&1; touch /data/x && stat -c %g:%a /data')).toBe(
    'touch: /x: Read-only file system\n2000:2777\n',
  )
  expect(await inSecured('grep -E "^(CapBnd|NoNewPrivs|Seccomp):" /proc/self/status')).toBe(
    'CapBnd:\t0000000000000400\nNoNewPrivs:\t1\nSeccomp:\t2\n',
  )
  expect(await inSecured('cat /proc/sys/net/ipv4/tcp_keepalive_time; head -c1 /proc/keys | wc -c')).toBe(
    '600\n0\n',
  )
  expect(await kubectl(['exec', 'unmasked', '--', 'sh', '-c', 'head -c1 /proc/timer_list | wc -c'])).toBe(
    '1\n',
  )
  const masked = 'head -c1 /proc/timer_list 2>/dev/null | wc -c'
  expect(await inSecured(masked)).toBe('0\n')
  expect(
    await kubectl(['exec', 'privileged', '--', 'sh', '-c', 'mkdir /m && mount -t tmpfs none /m && echo yes']),
  ).toBe('yes\n')
  // Any user may open any port, as on nodes with containerd.
  expect(await inSecured('timeout 1 nc -l -p 80; test $? -ge 124 && echo listens')).toBe('listens\n')
})

withPods('hostPath is the file system of the node, and of no other', async () => {
  await kubectl(
    ['apply', '-f', '-'],
    [1, 1, 2].map((node, index) => hostPathPod(`host-${index}`, `node-${node}`)).join('---\n'),
  )
  await kubectl(['wait', '--for=condition=Ready', 'pod', '-l', 'uses=host-path', '--timeout=60s'])
  await kubectl(['exec', 'host-0', '--', 'sh', '-c', 'echo left here > /host/var/log/note'])
  expect(await kubectl(['exec', 'host-1', '--', 'cat', '/host/var/log/note'])).toBe('left here\n')
  expect(await kubectl(['exec', 'host-2', '--', 'sh', '-c', 'ls /host/var/log /host/root /host/etc'])).toBe(
    '/host/etc:\n\n/host/root:\n\n/host/var/log:\n',
  )
})

withPods('namespaces of node and pod are shared where a pod says so', async () => {
  await kubectl(['apply', '-f', '-'], [shared, onNode].join('---\n'))
  await kubectl(['wait', '--for=condition=Ready', 'pod/shared', 'pod/on-node', '--timeout=60s'])
  const sleepers = ['exec', 'shared', '-c', 'one', '--', 'sh', '-c', 'ps | grep -c "sleep [12]d"']
  // A container runs before its program does.
  await eventually(async () => expect(await kubectl(sleepers)).toMatch(/^[23]\n$/))
  expect(
    await kubectl([
      'exec',
      'on-node',
      '--',
      'sh',
      '-c',
      'ip link | grep -c cali; ps | grep -c "node-agent.js"',
    ]),
  ).toMatch(/^[1-9]\d*\n[1-9]\d*\n$/)
  expect(await kubectl(['get', 'pod', 'on-node', '-o', 'jsonpath={.status.podIP}={.status.hostIP}'])).toMatch(
    /^(.+)=\1$/,
  )
})

withPods('probes: headers, gRPC and a grace of their own; what they say is in Events', async () => {
  await kubectl(['apply', '-f', '-'], probed)
  await kubectl(['wait', '--for=condition=Ready', 'pod/headers', '--timeout=30s'])
  // It goes on being restarted.
  const restarts = ['get', 'pod', 'unserved', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}']
  await eventually(async () => expect(Number(await kubectl(restarts))).toBeGreaterThan(0), 60_000)
  await eventually(async () =>
    expect(await eventsOf('unserved')).toMatch(
      /Unhealthy: Liveness probe failed: .*failed to connect service "[\d.]+:9000"/,
    ),
  )
  await eventually(async () =>
    expect(await eventsOf('unserved')).toContain(
      'Killing: Container c failed liveness probe, will be restarted',
    ),
  )
  await eventually(async () => expect(await eventsOf('headers')).toContain('Created: Created container: c'))
})

withPods('what cannot run says why, and what ended how', async () => {
  await kubectl(['apply', '-f', '-'], failing)
  // The pod as it was seen to wait the first time: the next wait is longer.
  const waits = '{.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff'
  const seen = ['wait', `--for=jsonpath=${waits}`, 'pod/crashing', '--timeout=60s', '-o', 'json']
  const [status] = JSON.parse(await kubectl(seen)).status.containerStatuses
  await kubectl(['wait', '--for=jsonpath={.status.reason}=SysctlForbidden', 'pod/forbidden', '--timeout=30s'])
  await kubectl(['wait', '--for=jsonpath={.status.reason}=NodePorts', 'pod/port-taken', '--timeout=30s'])
  expect(
    await kubectl(['get', 'pod', 'port-taken', '-o', 'jsonpath={.status.phase}: {.status.message}']),
  ).toBe(
    "Failed: Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  )
  const uid = await kubectl(['get', 'pod', 'crashing', '-o', 'jsonpath={.metadata.uid}'])
  expect(status.lastState.terminated).toMatchObject({ reason: 'Error', exitCode: 3, message: 'because\n' })
  expect(status.state.waiting.message).toBe(
    `back-off 10s restarting failed container=c pod=crashing_default(${uid})`,
  )
  expect(await kubectl(['logs', 'crashing', '--previous'])).toBe('last words\n')
  expect(await kubectl(['logs', 'crashing', '--previous', '--limit-bytes=4'])).toBe('last')

  await kubectl(['wait', '--for=jsonpath={.status.phase}=Failed', 'pod/no-program', '--timeout=30s'])
  const [never] = JSON.parse(await kubectl(['get', 'pod', 'no-program', '-o', 'json'])).status
    .containerStatuses
  expect(never.state.terminated).toMatchObject({
    exitCode: 128,
    reason: 'StartError',
    message: expect.stringMatching(
      /^OCI runtime create failed: .*exec: "nosuch": executable file not found in \$PATH/,
    ),
  })
  await eventually(async () =>
    expect(await eventsOf('no-volume')).toContain(
      'FailedMount: MountVolume.SetUp failed for volume "v" : configmap "nope" not found',
    ),
  )
})

withPods('an image that is changed is run in place of the old one', async () => {
  await kubectl(['set', 'image', 'pod/headers', 'c=registry.k8s.io/e2e-test-images/agnhost:2.54'])
  const status = '{.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].image}'
  await eventually(async () =>
    expect(await kubectl(['get', 'pod', 'headers', '-o', `jsonpath=${status}`])).toMatch(/^1 .*:2\.54$/),
  )
})

withPods('a deadline and a grace of months are no less than that', async () => {
  await kubectl(['apply', '-f', '-'], lasting)
  await kubectl(['wait', '--for=condition=Ready', 'pod/lasting', '--timeout=30s'])
  await kubectl(['delete', 'pod', 'lasting', '--wait=false'])
  const exitCode = '{.status.containerStatuses[0].state.terminated.exitCode}'
  await kubectl(['wait', `--for=jsonpath=${exitCode}=7`, 'pod/lasting', '--timeout=30s'])
  expect(await kubectl(['get', 'pod', 'lasting', '-o', 'jsonpath={.status.reason}'])).toBe('')
  await kubectl(['patch', 'pod', 'lasting', '--type=merge', '-p', '{"metadata":{"finalizers":null}}'])
  await kubectl(['wait', '--for=delete', 'pod/lasting', '--timeout=30s'])
})

withPods('a pod that asks for more ephemeral storage than a node has waits', async () => {
  await kubectl(['apply', '-f', '-'], greedy)
  const why = '{.status.conditions[?(@.type=="PodScheduled")].reason}'
  await kubectl(['wait', `--for=jsonpath=${why}=Unschedulable`, 'pod/greedy', '--timeout=30s'])
  await eventually(async () => expect(await eventsOf('greedy')).toContain('Insufficient ephemeral-storage'))
})

withPods('a file of the node can be mounted', async () => {
  await kubectl(['apply', '-f', '-'], filePod)
  await kubectl(['wait', '--for=condition=Ready', 'pod/file', '--timeout=30s'])
  expect(await kubectl(['exec', 'file', '--', 'sh', '-c', 'echo hi > /note; cat /note'])).toBe('hi\n')
})

withPods('a container that lacks a ConfigMap starts when it comes', async () => {
  await kubectl(['apply', '-f', '-'], lacking)
  const reason = '{.status.containerStatuses[0].state.waiting.reason}'
  await kubectl([
    'wait',
    `--for=jsonpath=${reason}=CreateContainerConfigError`,
    'pod/lacking',
    '--timeout=30s',
  ])
  await kubectl(['create', 'configmap', 'late', '--from-literal=a=1'])
  await kubectl(['wait', '--for=condition=Ready', 'pod/lacking', '--timeout=30s'])
})

withPods('an image whose name is none is not looked for', async () => {
  await kubectl(['apply', '-f', '-'], pod('misnamed', '  containers: [{ name: c, image: Shop/Web }]'))
  const reason = '{.status.containerStatuses[0].state.waiting.reason}'
  await kubectl(['wait', `--for=jsonpath=${reason}=InvalidImageName`, 'pod/misnamed', '--timeout=30s'])
})

withPods('what the API says is read-only in a pod, and its labels are those of the moment', async () => {
  await kubectl(['create', 'configmap', 'told', '--from-literal=a=1'])
  await kubectl(['apply', '-f', '-'], told)
  await kubectl(['wait', '--for=condition=Ready', 'pod/told', '--timeout=30s'])
  const inTold = (script: string) => kubectl(['exec', 'told', '--', 'sh', '-c', script])
  expect(await inTold('touch /map/x /self/x 2>&1 || cat /self/labels')).toBe(
    'touch: /map/x: Read-only file system\ntouch: /self/x: Read-only file system\ntier="one"',
  )
  await kubectl(['label', 'pod', 'told', 'tier=two', '--overwrite'])
  await eventually(async () => expect(await inTold('cat /self/labels')).toBe('tier="two"'))
})

withPods('a pod is over once its sidecars are, which have the time that its spec gives', async () => {
  await kubectl(['apply', '-f', '-'], served)
  await kubectl(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/served', '--timeout=60s'])
  const exitCode = 'jsonpath={.status.initContainerStatuses[0].state.terminated.exitCode}'
  expect(await kubectl(['get', 'pod', 'served', '-o', exitCode])).toBe('137')
  await eventually(async () =>
    expect(await eventsOf('served')).toContain('Killing: Stopping container proxy'),
  )
})

withPods('a cluster of somebody who hides all files hides nothing from its containers', async () => {
  const within = ['sh', '-c', 'umask 077; exec "$@"', 'sh']
  // Its own images, made under that mask, too.
  const env = { XDG_CACHE_HOME: join(home.directory, 'cache') }
  expect((await home.ztlab(['cluster', 'up', '--name', 'masked'], { within, env })).code).toBe(0)
  const masked = kubectlOf(home, 'masked')
  await masked(['apply', '-f', '-'], unprivileged)
  await masked(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/unprivileged', '--timeout=30s'])
  expect(await masked(['logs', 'unprivileged'])).toBe('0022\n/agnhost\nroot:x:0:0:root:/root:/bin/sh\ntold\n')
  expect((await home.ztlab(['cluster', 'down', '--name', 'masked'])).code).toBe(0)
})

function eventsOf(pod: string): Promise<string> {
  const format = 'jsonpath={range .items[*]}{.reason}: {.message}{"\\n"}{end}'
  return kubectl(['get', 'events', '--field-selector', `involvedObject.name=${pod}`, '-o', format])
}

const pod = (name: string, spec: string, labels = '{}') =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, labels: ${labels} }\nspec:\n  terminationGracePeriodSeconds: 0\n${spec}\n`

const secured = pod(
  'secured',
  `  securityContext:
    { runAsUser: 1000, runAsGroup: 3000, fsGroup: 2000, supplementalGroups: [4000], runAsNonRoot: true,
      seccompProfile: { type: RuntimeDefault }, sysctls: [{ name: net.ipv4.tcp_keepalive_time, value: "600" }] }
  containers:
    - name: c
      image: busybox
      command: [sleep, 1d]
      securityContext:
        { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL], add: [NET_BIND_SERVICE] } }
      volumeMounts: [{ name: data, mountPath: /data }]
  volumes: [{ name: data, emptyDir: {} }]`,
)

const unmasked = pod(
  'unmasked',
  '  containers: [{ name: c, image: busybox, command: [sleep, 1d], securityContext: { procMount: Unmasked } }]',
)

const privileged = pod(
  'privileged',
  '  containers: [{ name: c, image: busybox, command: [sleep, 1d], securityContext: { privileged: true } }]',
)

const unprivileged = `
apiVersion: v1
kind: ConfigMap
metadata: { name: said }
data: { word: "told\\n" }
---
apiVersion: v1
kind: Pod
metadata: { name: unprivileged }
spec:
  restartPolicy: Never
  securityContext: { runAsUser: 1000, runAsNonRoot: true }
  volumes: [{ name: said, configMap: { name: said } }]
  containers:
    - name: c
      image: registry.k8s.io/e2e-test-images/agnhost:2.53
      command: [sh, -c, "umask; ls /agnhost && head -1 /etc/passwd && cat /said/word && grep -q . /etc/resolv.conf"]
      volumeMounts: [{ name: said, mountPath: /said }]
`

// More than Node's timers hold.
const lasting = `
apiVersion: v1
kind: Pod
metadata: { name: lasting, finalizers: [ztlab.dev/test] }
spec:
  terminationGracePeriodSeconds: 3000000
  activeDeadlineSeconds: 3000000
  restartPolicy: Never
  containers:
    - name: c
      image: busybox
      command: [sh, -c, "trap 'sleep 1; exit 7' TERM; touch /heeds; sleep 1d & wait"]
      readinessProbe: { exec: { command: [test, -e, /heeds] }, periodSeconds: 1 }
`

const told = pod(
  'told',
  `  containers:
    - name: c
      image: busybox
      command: [sleep, 1d]
      volumeMounts: [{ name: map, mountPath: /map }, { name: self, mountPath: /self }]
  volumes:
    - { name: map, configMap: { name: told } }
    - { name: self, downwardAPI: { items: [{ path: labels, fieldRef: { fieldPath: metadata.labels } }] } }`,
  '{ tier: one }',
)

// Its sidecar hears no signal.
const served = `
apiVersion: v1
kind: Pod
metadata: { name: served }
spec:
  terminationGracePeriodSeconds: 1
  restartPolicy: Never
  initContainers: [{ name: proxy, image: busybox, restartPolicy: Always, command: [sleep, 1d] }]
  containers: [{ name: c, image: busybox, command: ["true"] }]
`

const greedy = pod(
  'greedy',
  '  containers: [{ name: c, image: busybox, resources: { requests: { ephemeral-storage: 1Pi } } }]',
)

const filePod = pod(
  'file',
  `  containers: [{ name: c, image: busybox, command: [sleep, 1d], volumeMounts: [{ name: f, mountPath: /note }] }]
  volumes: [{ name: f, hostPath: { path: /var/file, type: FileOrCreate } }]`,
)

const lacking = pod(
  'lacking',
  `  containers:
    - name: c
      image: busybox
      command: [sleep, 1d]
      env: [{ name: A, valueFrom: { configMapKeyRef: { name: late, key: a } } }]`,
)

const hostPathPod = (name: string, node: string) =>
  pod(
    name,
    `  nodeName: ${node}
  containers: [{ name: c, image: busybox, command: [sleep, 1d], volumeMounts: [{ name: host, mountPath: /host }] }]
  volumes: [{ name: host, hostPath: { path: /, type: Directory } }]`,
    '{ uses: host-path }',
  )

const shared = pod(
  'shared',
  `  shareProcessNamespace: true
  containers: [{ name: one, image: busybox, command: [sleep, 1d] }, { name: two, image: busybox, command: [sleep, 2d] }]`,
)

const onNode = pod(
  'on-node',
  '  hostNetwork: true\n  hostPID: true\n  hostIPC: true\n  containers: [{ name: c, image: busybox, command: [sleep, 1d] }]',
)

const agnhost = 'image: "registry.k8s.io/e2e-test-images/agnhost:2.53", args: [netexec, --http-port=8080]'
const probed = [
  pod(
    'headers',
    `  containers:
    - { name: c, ${agnhost}, readinessProbe: { httpGet: { path: /healthz, port: 8080, httpHeaders: [{ name: X-Test, value: a }] } } }`,
  ),
  pod(
    'unserved',
    `  containers:
    - name: c
      image: busybox
      command: [sh, -c, "trap : TERM; while :; do sleep 1; done"]
      livenessProbe: { grpc: { port: 9000 }, periodSeconds: 1, failureThreshold: 1, terminationGracePeriodSeconds: 1 }`,
  ),
].join('---\n')

const atPort =
  '  nodeName: node-1\n  containers: [{ name: c, image: busybox, command: [sleep, 1d], ports: [{ containerPort: 80, hostPort: 18080 }] }]'

const failing = [
  pod('port-has', atPort),
  pod('port-taken', atPort),
  pod(
    'forbidden',
    '  securityContext: { sysctls: [{ name: kernel.msgmax, value: "1" }] }\n  containers: [{ name: c, image: busybox }]',
  ),
  pod('no-program', '  restartPolicy: Never\n  containers: [{ name: c, image: busybox, command: [nosuch] }]'),
  pod(
    'no-volume',
    '  containers: [{ name: c, image: busybox, volumeMounts: [{ name: v, mountPath: /v }] }]\n  volumes: [{ name: v, configMap: { name: nope } }]',
  ),
  pod(
    'crashing',
    '  containers: [{ name: c, image: busybox, command: [sh, -c, "echo last words; echo because > /dev/termination-log; exit 3"] }]',
  ),
].join('---\n')
