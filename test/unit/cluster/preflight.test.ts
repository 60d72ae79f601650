import type { Machine } from '../../../src/cluster/embedded/machine.ts'
import { demand, preflight, quickChecks } from '../../../src/cluster/embedded/preflight.ts'

const healthy: Machine = {
  platform: 'linux',
  uid: 1000,
  isInstalled: () => true,
  sysctl: () => null,
  cgroupObstacle: () => null,
  run: async (argv) => ({ argv, code: 0, signal: null, stdout: 'begun\n', stderr: '', durationMs: 1 }),
}
const failing = (machine: Partial<Machine>) =>
  quickChecks({ ...healthy, ...machine }).filter(({ ok, required }) => required && !ok)

function refusal(checks: ReturnType<typeof quickChecks>): unknown {
  try {
    demand(checks)
  } catch (error) {
    return error
  }
  return null
}

test('a healthy machine passes', async () => {
  const checks = await preflight(healthy)
  expect(checks.filter(({ ok }) => !ok)).toEqual([])
  expect(checks.map(({ title }) => title)).toEqual(expect.arrayContaining(['runc', 'vxlan', 'overlay']))
  expect(refusal(checks)).toBeNull()
})

test.each([
  [1000, 'sudo apt-get install runc nftables util-linux'],
  [0, 'apt-get install runc nftables util-linux'],
])('missing programs become one line to type for uid %d', (uid, hint) => {
  const missing = ['runc', 'nft', 'setpriv', 'unshare']
  const checks = quickChecks({ ...healthy, uid, isInstalled: (program) => !missing.includes(program) })
  expect(refusal(checks)).toMatchObject({ code: 'missing-package', exitCode: 3, hint })
})

test.each([
  ['user.max_user_namespaces', '0', 'sudo sysctl -w user.max_user_namespaces=15000'],
  ['kernel.unprivileged_userns_clone', '0', 'sudo sysctl -w kernel.unprivileged_userns_clone=1'],
  [
    'kernel.apparmor_restrict_unprivileged_userns',
    '1',
    'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  ],
])('%s = %s is named with its cure, for an ordinary user only', (name, value, cure) => {
  const sysctl = (asked: string) => (asked === name ? value : null)
  expect(failing({ sysctl })).toMatchObject([{ title: 'user namespaces', cure }])
  expect(failing({ sysctl, uid: 0 })).toEqual([])
})

test('limits that cannot be applied are said, and are no obstacle to a cluster', () => {
  const checks = quickChecks({ ...healthy, cgroupObstacle: () => 'version 1 cannot be delegated' })
  expect(checks.filter(({ ok }) => !ok)).toMatchObject([
    {
      title: 'cgroups',
      detail: expect.stringMatching(/^version 1 cannot be delegated: limits /),
      required: false,
    },
  ])
  expect(refusal(checks)).toBeNull()
})

test('elsewhere than on Linux one check says so', () => {
  const checks = quickChecks({ ...healthy, platform: 'darwin' })
  expect(checks).toHaveLength(1)
  expect(refusal(checks)).toMatchObject({
    code: 'unsupported',
    exitCode: 3,
    message: expect.stringContaining('this is darwin'),
    hint: expect.stringContaining('--cluster kind'),
  })
})

test('what the kernel refuses is named with what it said and the cure', async () => {
  const stdout = 'begun\nfailed vxlan RTNETLINK answers: Operation not supported\n'
  const checks = await preflight({
    ...healthy,
    run: async (argv) => ({ argv, code: 0, signal: null, stdout, stderr: '', durationMs: 1 }),
  })
  expect(checks.filter(({ ok }) => !ok)).toMatchObject([
    {
      title: 'vxlan',
      detail: expect.stringContaining('Operation not supported'),
      cure: 'sudo modprobe vxlan',
    },
  ])
})

test('a machine that allows no namespaces is told apart from one that lacks a module', async () => {
  const stderr = 'unshare: unshare failed: Operation not permitted\n'
  const checks = await preflight({
    ...healthy,
    run: async (argv) => ({ argv, code: 1, signal: null, stdout: '', stderr, durationMs: 1 }),
  })
  expect(refusal(checks)).toMatchObject({
    code: 'missing-permission',
    message: expect.stringContaining('Operation not permitted'),
  })
})
