import { join } from 'node:path'
import { kill, pidOf } from '../support/cluster-processes.ts'
import { eventually } from '../support/eventually.ts'
import { kubectlOf, testWithKubectl } from '../support/kubectl.ts'
import { leftoversAfter, networkNamespacesOf, nothingLeft, processesOf } from '../support/leftovers.ts'
import { homeForTests } from '../support/ztlab.ts'

/** What becomes of pods when the processes of their nodes are killed. */
const home = homeForTests()
const kubectl = kubectlOf(home, 'nodes')
const state = join(home.state, 'nodes')
const withFault = (title: string, body: () => Promise<void>) => testWithKubectl(title, body, 300_000)

withFault(
  'a killed node agent is started again: pods go on as they were, and so do their rules',
  async () => {
    expect((await home.ztlab(['cluster', 'up', '--name', 'nodes'])).code).toBe(0)
    await kubectl(['create', '-f', '-'], shop)
    await kubectl(['wait', '--for=condition=Ready', 'pod', '--all', '--timeout=60s'])
    // What it is kept from later it can do now: silence then means something.
    await eventually(async () => expect(await read('stranger', '/tmp/open')).toContain('web'))
    await kubectl(['create', '-f', '-'], onlyClient)
    await eventually(async () => expect(await strangerGetsIn()).toBe(false))
    await kubectl(['exec', 'web', '--', 'sh', '-c', 'echo kept >/tmp/file'])
    const before = await pods()

    const said = await kubectl(['logs', 'web'])
    await killAndAwait('node agent')
    expect(await pods()).toEqual(before)
    expect(await kubectl(['logs', 'web'])).toContain(said)
    expect(await read('web', '/tmp/file')).toBe('kept\n')
    expect(await read('stranger', '/tmp/open')).toBe('')
    await eventually(async () => expect(await reached()).toBe('web'))
    // What it says is heard, and its end is seen.
    await eventually(async () => expect(await kubectl(['logs', 'stranger', '--tail=1'])).toBe('tried\n'))
    // The exec ends with the container, or just before it.
    await kubectl(['exec', 'web', '--', 'sh', '-c', 'kill 1']).catch(() => undefined)
    await eventually(async () => expect((await pods()).web!.restarts).toBe(1))
    await kubectl(['wait', '--for=condition=Ready', 'pod/web', '--timeout=30s'])
    await eventually(async () => expect(await reached()).toBe('web'))
  },
)

withFault('what changed while nobody looked after the node is made up for', async () => {
  kill(pidOf(state, 'node agent')!)
  await kubectl(['delete', 'pod', 'doomed', '--force', '--grace-period=0'])
  await kubectl(['create', '-f', '-'], late)
  await kubectl(['wait', '--for=condition=Ready', 'pod/late', '--timeout=60s'])
  // Of the deleted pod nothing runs any more: its command is nobody else's.
  await eventually(async () => {
    const all = await home.ztlab(['cluster', 'shell', '--name', 'nodes', '--node', 'node-1', '--', ...listed])
    expect(all.stdout).not.toContain('sleep 4242')
    expect(all.stdout).toContain('sleep 4343')
  })
})

withFault('a matrix meanwhile: what cannot be asked is an error, and nothing is denied', async () => {
  const running = home.start([
    ...['matrix', '--name', 'nodes', '--from', 'default/client', '--to', 'default/web'],
    ...['--port', 'TCP/8080', '--port', 'TCP/8080', '--output', 'json'],
  ])
  await new Promise((resolve) => setTimeout(resolve, 400))
  kill(pidOf(state, 'node agent')!)
  const { code, stdout, stderr } = await running.finished
  if (code === 3) expect(stderr).toMatch(/ERROR \[cluster-/)
  else
    for (const { measured } of JSON.parse(stdout).cells)
      expect(['allowed', 'error', 'flapping']).toContain(measured ?? 'error')
  await eventually(async () => expect(await reached()).toBe('web'))
})

withFault(
  'nodes that lose power come up again: new sandboxes, the same pods, and no packet before its rules',
  async () => {
    const before = await pods()
    await killAndAwait('init', async () => {
      const { code, stderr } = await home.ztlab([
        ...['cluster', 'shell', '--name', 'nodes', '--node', 'node-1', '--', 'true'],
      ])
      expect([0, 3]).toContain(code)
      if (code === 3)
        expect(stderr).toContain('ERROR [cluster-unreachable] the nodes of cluster nodes are down')
    })
    await eventually(async () => {
      const now = await pods()
      expect(now).toMatchObject(
        Object.fromEntries(
          Object.entries(before).map(([name, { restarts }]) => [
            name,
            { restarts: restarts + 1, ready: true },
          ]),
        ),
      )
    }, 60_000)
    const status = JSON.parse(await kubectl(['get', 'pod', 'client', '-o', 'json'])).status
    expect(status.containerStatuses[0].lastState.terminated).toMatchObject({
      exitCode: 255,
      reason: 'Unknown',
    })
    const reasons = 'jsonpath={range .items[*]}{.involvedObject.name}: {.reason}{"\\n"}{end}'
    await eventually(async () => {
      const events = await kubectl(['get', 'events', '-o', reasons])
      expect(events).toContain('client: SandboxChanged\n')
      for (const node of ['node-1', 'node-2']) expect(events).toContain(`${node}: Rebooted\n`)
    })
    await eventually(async () => expect(await reached()).toBe('web'))
    await eventually(async () => expect(await kubectl(['logs', 'stranger'])).toContain('tried\n'))
    expect(await read('stranger', '/tmp/open')).toBe('')
  },
)

withFault('a cluster whose nodes are down is ended as any other, and nothing is left of it', async () => {
  const known = networkNamespacesOf(processesOf(state))
  kill(pidOf(state, 'unshare')!)
  const { code, stderr } = await home.ztlab(['cluster', 'down', '--name', 'nodes'])
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  expect(await leftoversAfter(30_000, home.state, known)).toEqual(nothingLeft)
})

const listed = ['sh', '-c', 'for each in /proc/[0-9]*; do tr "\\0" " " <$each/cmdline; echo; done']

const pod = (name: string, image: string, words: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec: { terminationGracePeriodSeconds: 0, containers: [{ name: c, image: "${image}", ${words} }] }
---
`
const tries =
  'while sleep 0.1; do timeout 1 wget -qO- http://web:8080/hostname >>/tmp/open; echo >>/tmp/tried; echo tried; done'
const shop = [
  pod(
    'web',
    'registry.k8s.io/e2e-test-images/agnhost:2.53',
    'args: [netexec, --http-port=8080], readinessProbe: { httpGet: { path: /hostname, port: 8080 }, periodSeconds: 1 }',
  ),
  pod('client', 'busybox', 'command: [sleep, 1d]'),
  pod('stranger', 'busybox', `command: [sh, -c, "${tries}"]`),
  pod('doomed', 'busybox', 'command: [sleep, "4242"]'),
  `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 8080 }] }
`,
].join('')
const late = pod('late', 'busybox', 'command: [sleep, "4343"]')
const onlyClient = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: only-client }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: client } } }] }]
`

/** Kills a process, does what is to be done at once, and waits until another has taken its place and answers. */
async function killAndAwait(role: 'node agent' | 'init', meanwhile?: () => Promise<void>): Promise<void> {
  const killed = pidOf(state, role)!
  kill(killed)
  await meanwhile?.()
  await eventually(async () => {
    expect([undefined, killed]).not.toContain(pidOf(state, role))
    await kubectl(['exec', 'client', '--', 'true'])
  }, 60_000)
}

interface SeenPod {
  address: string
  container: string
  restarts: number
  ready: boolean
}

async function pods(): Promise<Record<string, SeenPod>> {
  const { items } = JSON.parse(await kubectl(['get', 'pods', '-o', 'json']))
  return Object.fromEntries(
    // biome-ignore lint/suspicious/noExplicitAny: as kubectl prints it
    items.map(({ metadata, status }: any) => {
      const [{ containerID: container, restartCount: restarts, ready }] = status.containerStatuses
      return [metadata.name, { address: status.podIP, container, restarts, ready }]
    }),
  )
}

function read(name: string, path: string): Promise<string> {
  return kubectl(['exec', name, '--', 'cat', path])
}

/** Whether it still does, once what it has begun before is over, and a try that it has begun since. */
async function strangerGetsIn(): Promise<boolean> {
  const script = ': >/tmp/open; : >/tmp/tried; until [ $(wc -l </tmp/tried) -ge 3 ]; do sleep 0.1; done'
  await kubectl(['exec', 'stranger', '--', 'sh', '-c', script])
  return (await read('stranger', '/tmp/open')) !== ''
}

async function reached(): Promise<string> {
  return kubectl(['exec', 'client', '--', 'timeout', '3', 'wget', '-qO-', 'http://web:8080/hostname'])
}
