import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { kill, pidOf, roles, treeOf } from '../support/cluster-processes.ts'
import {
  cgroupsOf,
  leftoversAfter,
  leftoversOf,
  networkNamespacesOf,
  nothingLeft,
  processesOf,
} from '../support/leftovers.ts'
import {
  fixtureLabs,
  type Home,
  homeForTests,
  ordinaryUser,
  testOnCluster,
  testUnless,
} from '../support/ztlab.ts'

const longStep = join(fixtureLabs, 'long-step')
const tiny = join(fixtureLabs, 'tiny')
const home = homeForTests()
const { user, reason } = ordinaryUser()
const homeOfUser = user && homeForTests(user)

/**
 * What a crash may hit: the command line, the control plane, the processes of the node agent, and any process of the
 * cluster, in pods too, with all that it has started.
 */
const victims = ['command line', ...roles, 'any tree'] as const
type Victim = (typeof victims)[number]

/** The kernel takes milliseconds to end a namespace; the rest is for a machine that is busy. */
const leftoversMs = 30_000

interface Crash {
  victim: Victim
  afterMs: number
  /** Which of all processes, from 0 to 1. */
  which: number
  /** Whoever lives on is given so long to heal itself, and is then interrupted. */
  healMs: number
}

/** `make crashes` asks for more than every run of the tests can wait for. */
const times = Number(process.env.ZTLAB_CRASHES ?? 20)

testOnCluster(
  'kill -9 of any process at any moment leaves nothing, and the next run works',
  () => survive(home, times),
  150_000 + times * 40_000,
)

testUnless(reason, {
  title: 'kill -9 leaves nothing of an ordinary user either',
  body: () => survive(homeOfUser!, 5),
  timeoutMs: 150_000 + 5 * 40_000,
})

testOnCluster(
  'what killed a detached cluster is swept by the next command',
  async () => {
    for (const victim of ['control plane', 'node agent'] as const) {
      const name = own(`swept-${victim.replace(' ', '-')}`)
      expect((await home.ztlab(['cluster', 'up', '--name', name])).code).toBe(0)
      const known = networkNamespacesOf(processesOf(home.state))
      expect(known.inodes.size).toBeGreaterThanOrEqual(2)
      // A node agent that ends alone is started again.
      const pids = victim === 'node agent' ? (['control plane', victim] as const) : [victim]
      for (const pid of pids.map((each) => pidOf(home.state, each)!)) kill(pid)
      expect(await leftoversAfter(leftoversMs, home.state, known)).toEqual(nothingLeft)
      expect(await home.ztlab(['cluster', 'list'])).toMatchObject({
        code: 0,
        // Clusters of kind are not this test's.
        stdout: expect.not.stringContaining('embedded'),
      })
      expect([readdirSync(home.state), cgroupsOf(name)]).toEqual([[], []])
    }
  },
  400_000,
)

testOnCluster('Ctrl-C in a step: everything is gone when the command ends, exit code 130', async () => {
  const running = home.start(['lab', 'run', longStep])
  await running.says(/Step 2/)
  await sleep(200)
  const known = networkNamespacesOf(processesOf(home.state))
  const [name] = readdirSync(home.state)
  expect(cgroupsOf(name!).length > 0 || process.getuid?.() !== 0).toBe(true)
  running.process.kill('SIGINT')
  const { code, stderr } = await running.finished
  expect(leftoversOf(home.state, known)).toEqual(nothingLeft)
  expect([readdirSync(home.state), cgroupsOf(name!)]).toEqual([[], []])
  expect(code).toBe(130)
  expect(stderr).toContain('interrupted')
})

testOnCluster('Ctrl-C while the cluster is being made does the same', async () => {
  const name = own('early')
  for (const afterMs of [0, 200, 500]) {
    const running = home.start(['cluster', 'up', '--name', name])
    while (!existsSync(join(home.state, name))) await sleep(1)
    await sleep(afterMs)
    const known = networkNamespacesOf(processesOf(home.state))
    running.process.kill('SIGINT')
    const { code, stdout } = await running.finished
    // A cluster that was up before the signal came is a result, and stays; the signal may yet kill what only has to exit.
    if (stdout.includes('is up')) await home.ztlab(['cluster', 'down', '--name', name])
    else expect({ afterMs, code }).toEqual({ afterMs, code: 130 })
    expect(leftoversOf(home.state, known)).toEqual(nothingLeft)
    expect([readdirSync(home.state), cgroupsOf(name)]).toEqual([[], []])
  }
})

/** Its cgroups are nobody else's, whose tests may run at the same time. */
function own(name: string): string {
  return `${name}-${process.pid}`
}

async function survive(home: Home, times: number): Promise<void> {
  const seed = Number(process.env.ZTLAB_CRASH_SEED ?? Date.now() % 1_000_000)
  const random = randomFrom(seed)
  const crashes = Array.from({ length: times }, () => ({
    victim: victims[Math.floor(random() * victims.length)]!,
    afterMs: Math.floor(random() * 3000),
    which: random(),
    healMs: Math.floor(random() * 3000),
  }))
  process.stdout.write(`crashes: ZTLAB_CRASHES=${times} ZTLAB_CRASH_SEED=${seed}\n`)
  const temporary = join(home.directory, 'tmp')
  mkdirSync(temporary, { mode: 0o777 })
  chmodSync(temporary, 0o777)
  for (const [index, crash] of crashes.entries()) {
    const left = await crashOnce(home, crash, { TMPDIR: temporary })
    expect({ seed, index, ...crash, left }).toEqual({ seed, index, ...crash, left: nothingLeft })
    if ((index + 1) % 50 === 0) process.stdout.write(`crashes: ${index + 1} of ${times} survived\n`)
  }
  const { code, stderr } = await home.ztlab(['lab', 'run', tiny])
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  expect([readdirSync(home.state), names.flatMap(cgroupsOf)]).toEqual([[], []])
  // Beside their own folders clusters leave nothing either.
  expect(readdirSync(temporary)).toEqual([])
}

/** Clusters that crashed, whose cgroups the next command has to find. */
const names: string[] = []

/**
 * Runs a lab whose step takes long, kills without warning and returns what is left soon after: what outlives that is
 * interrupted, as by Ctrl-C.
 */
async function crashOnce(home: Home, crash: Crash, env: Record<string, string>) {
  const { afterMs, healMs } = crash
  const running = home.start(['lab', 'run', longStep], { env })
  await sleep(afterMs)
  const known = networkNamespacesOf(processesOf(home.state))
  const commandLine = running.process.pid!
  // Before it exists it cannot crash: then the command line does.
  const pids = victimsOf(home, crash, commandLine)
  names.push(...readdirSync(home.state).filter((name) => !name.startsWith('.')))
  for (const pid of pids) kill(pid)
  const isOver = await Promise.race([running.finished.then(() => true), sleep(healMs, false)])
  if (!isOver) running.process.kill('SIGINT')
  const { code, stdout, stderr } = await running.finished
  const left = await leftoversAfter(leftoversMs, home.state, known)
  // It may have been about to end in its own way when it was interrupted; a shell takes an end by SIGINT for 130, too.
  const codes = pids.includes(commandLine) ? [null] : isOver ? [1, 3] : [1, 3, 130, null]
  const what = { ...crash, pids, isOver, code, stderr }
  expect({ ...what, isRight: codes.includes(code) }).toEqual({ ...what, isRight: true })
  // A command in a pod that was killed is a finding, anything else a failure of the environment.
  if (code === 1) expect(stdout).toContain('takes-a-minute')
  if (code === 3) expect(stderr).toContain('ERROR [')
  return left
}

/** PIDs of what a crash hits in the only cluster of this home. */
function victimsOf(home: Home, { victim, which }: Crash, commandLine: number): number[] {
  if (victim === 'command line') return [commandLine]
  const all = processesOf(home.state).filter((pid) => pid !== commandLine)
  const pid = victim === 'any tree' ? all[Math.floor(which * all.length)] : pidOf(home.state, victim)
  if (pid === undefined) return [commandLine]
  return victim === 'any tree' ? treeOf(pid) : [pid]
}

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
