import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { eventually } from '../support/eventually.ts'
import { kubectlOf, whyNoKubectl } from '../support/kubectl.ts'
import { cgroupsOf } from '../support/leftovers.ts'
import { type Home, homeForTests, ordinaryUser, testOnCluster, testUnless } from '../support/ztlab.ts'

const home = homeForTests()
const twinHome = homeForTests()
const { user, reason: whyNoUser } = ordinaryUser()
const homeOfUser = user && homeForTests(user)
const whyNoTool = whyNoKubectl()
const whyNoLimits = whyNoCgroups()
const isRoot = process.getuid?.() === 0

const top = '/sys/fs/cgroup'
const isVersion2 = existsSync(join(top, 'cgroup.controllers'))

const title = `what pods ask for is in the kubelet's cgroups (version ${isVersion2 ? 2 : 1}): OOM kill, throttling, process limit`
if (whyNoTool === null && whyNoLimits === null) testOnCluster(title, checkLimits, 500_000)
else testUnless(whyNoTool ?? whyNoLimits, { title, body: checkLimits })

testUnless(isRoot ? whyNoLimits : "an ordinary user's cgroups are systemd's", {
  title:
    'of two clusters of one name in two state directories the end of one leaves the cgroups of the other',
  body: endOneOfTwo,
})

testUnless(whyNoTool ?? whyNoUser, {
  title: 'where no cgroup can be had an Event of the pod says so, and the pod runs',
  body: checkEvent,
  timeoutMs: 240_000,
})

async function checkLimits(): Promise<void> {
  await up(home)
  const kubectl = kubectlOf(home, 'limits')
  await kubectl(['apply', '-f', '-'], pods)
  await kubectl([
    'wait',
    '--for=condition=Ready',
    'pod/guaranteed',
    'pod/burstable',
    'pod/besteffort',
    '--timeout=60s',
  ])

  const quotas = { guaranteed: '5000', burstable: null, besteffort: null }
  const shares = { guaranteed: 51, burstable: 256, besteffort: 2 }
  const memory = { guaranteed: 33_554_432, burstable: null, besteffort: null }
  for (const name of ['guaranteed', 'burstable', 'besteffort'] as const) {
    const uid = await kubectl(['get', 'pod', name, '-o', 'jsonpath={.metadata.uid}'])
    expect(await kubectl(['get', 'pod', name, '-o', 'jsonpath={.status.qosClass}'])).toBe(
      { guaranteed: 'Guaranteed', burstable: 'Burstable', besteffort: 'BestEffort' }[name],
    )
    const parent = {
      guaranteed: 'kubepods',
      burstable: 'kubepods/burstable',
      besteffort: 'kubepods/besteffort',
    }[name]
    const path = await cgroupOf(name)
    expect(path).toMatch(new RegExp(`/node-[12]/${parent}/pod${uid}/[0-9a-f]{64}$`))
    expect({ name, ...limitsOf(path) }).toEqual({
      name,
      shares: isVersion2 ? weightOf(shares[name]) : shares[name],
      quota: quotas[name],
      memory: memory[name],
    })
    // The pod's own holds for all its containers together.
    expect(limitsOf(join(path, '..'))).toEqual(limitsOf(path))
    expect(read('pids', join(path, '..'), 'pids.max')).toBe('1024')
  }

  // All pods of a node together may use what the node has to give.
  const kubepods = join(await cgroupOf('guaranteed'), '../..')
  expect(limitsOf(kubepods)).toMatchObject({
    shares: isVersion2 ? weightOf(1024 * cpus().length) : 1024 * cpus().length,
    memory: totalmem(),
  })
  await checkThrottling(await cgroupOf('guaranteed'))
  await checkOutOfMemory()
  await checkProcessLimit()
}

/** The container of `guaranteed` spins, and may do so for a twentieth of the time. */
async function checkThrottling(path: string): Promise<void> {
  const throttled = () => Number(/^nr_throttled (\d+)/m.exec(read('cpu', path, 'cpu.stat'))![1])
  const before = throttled()
  const inPod = (script: string) =>
    kubectlOf(home, 'limits')(['exec', 'guaranteed', '--', 'sh', '-c', script])
  const untilThrottled = async () => {
    try {
      await eventually(async () => expect(throttled()).toBeGreaterThan(before))
    } finally {
      await inPod('touch /enough')
    }
  }
  await Promise.all([inPod('until [ -e /enough ]; do :; done'), untilThrottled()])
}

async function checkOutOfMemory(): Promise<void> {
  const kubectl = kubectlOf(home, 'limits')
  await kubectl(['wait', '--for=jsonpath={.status.phase}=Failed', 'pod/hungry', '--timeout=60s'])
  const state = JSON.parse(await kubectl(['get', 'pod', 'hungry', '-o', 'json'])).status.containerStatuses[0]
    .state
  expect(state.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 })
}

async function checkProcessLimit(): Promise<void> {
  const kubectl = kubectlOf(home, 'limits')
  await kubectl([
    'wait',
    '--for=jsonpath={.status.containerStatuses[0].ready}=true',
    'pod/bomb',
    '--timeout=60s',
  ])
  const path = await cgroupOf('bomb')
  await kubectl(['exec', 'bomb', '--', 'touch', '/go'])
  await kubectl(['wait', '--for=jsonpath={.status.phase}=Failed', 'pod/bomb', '--timeout=60s'])
  expect(await kubectl(['logs', 'bomb'])).toMatch(/can't fork: Resource temporarily unavailable/)
  const state = JSON.parse(await kubectl(['get', 'pod', 'bomb', '-o', 'json'])).status.containerStatuses[0]
    .state
  expect(state.terminated).toMatchObject({ reason: 'Error', exitCode: 2 })
  expect(read('pids', join(path, '..'), 'pids.peak')).toBe('1024')
}

async function endOneOfTwo(): Promise<void> {
  const name = `twin-${process.pid}`
  for (const each of [home, twinHome])
    expect(await each.ztlab(['cluster', 'up', '--name', name])).toMatchObject({ code: 0 })
  const folders = cgroupsOf(name)
  expect(folders).not.toEqual([])
  // As of a pod that is about to start.
  const empty = folders.map((folder) => join(folder, 'node-1/kubepods/empty'))
  for (const folder of empty) mkdirSync(folder, { recursive: true })
  expect(await home.ztlab(['cluster', 'down', '--name', name])).toMatchObject({ code: 0 })
  expect(empty.filter((folder) => !existsSync(folder))).toEqual([])
  expect(await twinHome.ztlab(['cluster', 'down', '--name', name])).toMatchObject({ code: 0 })
  expect(cgroupsOf(name)).toEqual([])
}

async function checkEvent(): Promise<void> {
  await up(homeOfUser!)
  const kubectl = kubectlOf(homeOfUser!, 'limits')
  await kubectl(['run', 'limited', '--image=busybox', '--overrides', overrides, '--', 'sleep', '1d'])
  await kubectl(['wait', '--for=condition=Ready', 'pod/limited', '--timeout=30s'])
  const ofLimits = ['--field-selector', 'reason=LimitsNotApplied', '-o', 'jsonpath={.items[*].message}']
  await eventually(async () =>
    expect(await kubectl(['get', 'events', ...ofLimits])).toMatch(
      /^limits \(memory\) of container limited are not applied: cgroups belong to root and /,
    ),
  )
}

const overrides = JSON.stringify({
  spec: {
    containers: [
      { name: 'limited', image: 'busybox', args: ['sleep', '1d'], resources: { limits: { memory: '32Mi' } } },
    ],
  },
})

const pods = `
apiVersion: v1
kind: Pod
metadata: { name: guaranteed }
spec:
  containers: [{ name: c, image: busybox, command: [sleep, 1d], resources: { limits: { cpu: 50m, memory: 32Mi } } }]
---
apiVersion: v1
kind: Pod
metadata: { name: burstable }
spec:
  containers: [{ name: c, image: busybox, command: [sleep, 1d], resources: { requests: { cpu: 250m } } }]
---
apiVersion: v1
kind: Pod
metadata: { name: besteffort }
spec: { containers: [{ name: c, image: busybox, command: [sleep, 1d] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: hungry }
spec:
  restartPolicy: Never
  containers: [{ name: c, image: busybox, command: [tail, /dev/zero], resources: { limits: { memory: 32Mi } } }]
---
apiVersion: v1
kind: Pod
metadata: { name: bomb }
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 1
  containers:
    - name: c
      image: busybox
      command: [sh, -c, "until [ -e /go ]; do sleep 0.1; done; while :; do sleep 600 & done"]
`

/** The container's cgroup as `ztlab inspect pod` shows it. */
async function cgroupOf(pod: string): Promise<string> {
  const argv = ['inspect', 'pod', `default/${pod}`, '--name', 'limits', '--output', 'json']
  const { code, stdout, stderr } = await home.ztlab(argv)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  const line = (JSON.parse(stdout).cgroups as string[]).find(
    (each) => /:(memory|):/.test(each) && each.includes('kubepods'),
  )
  return line!.replace(/^[^/]*/, '')
}

/** What the kernel holds a cgroup to, in the terms of version 1 or, for shares, of this machine's. */
function limitsOf(path: string): { shares: number; quota: string | null; memory: number | null } {
  if (isVersion2) {
    const [quota] = read('cpu', path, 'cpu.max').split(' ')
    const memory = read('memory', path, 'memory.max')
    return {
      shares: Number(read('cpu', path, 'cpu.weight')),
      quota: quota === 'max' ? null : quota!,
      memory: memory === 'max' ? null : Number(memory),
    }
  }
  const quota = read('cpu', path, 'cpu.cfs_quota_us')
  const memory = Number(read('memory', path, 'memory.limit_in_bytes'))
  return {
    shares: Number(read('cpu', path, 'cpu.shares')),
    quota: quota === '-1' ? null : quota,
    memory: memory > 2 ** 60 ? null : memory,
  }
}

/** cpu.weight of version 2 for cpu.shares of version 1, as runc converts them. */
function weightOf(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142)
}

function read(controller: string, path: string, file: string): string {
  return readFileSync(join(top, isVersion2 ? '' : controller, path, file), 'utf8').trim()
}

/** Why this user can limit nothing here, found without ztlab's help; null where it must be able to. */
function whyNoCgroups(): string | null {
  if (process.getuid?.() !== 0) {
    if (!existsSync('/sys/fs/cgroup/cgroup.controllers')) return 'cgroups of version 1 belong to root'
    const { status, stderr } = spawnSync('systemctl', ['--user', 'is-system-running'], { encoding: 'utf8' })
    return status === null || /Failed to connect/.test(stderr)
      ? 'no systemd of this user gives it a cgroup'
      : null
  }
  const folders = existsSync('/sys/fs/cgroup/cgroup.controllers') ? [''] : ['cpu', 'memory', 'pids']
  for (const folder of folders) {
    const trial = join('/sys/fs/cgroup', folder, `ztlab-trial-${process.pid}`)
    try {
      mkdirSync(trial)
      readdirSync(trial)
      rmdirSync(trial)
    } catch (error) {
      return `cgroups cannot be made here: ${(error as Error).message}`
    }
  }
  return null
}

async function up(home: Home): Promise<void> {
  // What a login gives an ordinary user: its own systemd is asked there for a cgroup.
  const env = { XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR }
  const { code, stderr } = await home.ztlab(['cluster', 'up', '--name', 'limits'], { env })
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
}
