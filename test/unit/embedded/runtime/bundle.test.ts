import {
  type ContainerSpec,
  defaultCapabilities,
  ociConfig,
} from '../../../../src/embedded/runtime/bundle.ts'

const spec: ContainerSpec = {
  rootPath: '/root-fs',
  readonlyRoot: false,
  args: ['sleep', '1'],
  env: { A: 'b' },
  cwd: '/',
  user: { uid: 0, gid: 0, additionalGids: [] },
  capabilities: defaultCapabilities,
  noNewPrivileges: true,
  privileged: false,
  join: { network: '/run/netns/cni-1', ipc: '/proc/9/ns/ipc', uts: '/proc/9/ns/uts' },
  mounts: [{ source: '/a', destination: '/b', readonly: true }],
  mapsUserRange: false,
}

// biome-ignore lint/suspicious/noExplicitAny: an OCI document, read here alone
const configOf = (changes: Partial<ContainerSpec> = {}): any =>
  JSON.parse(JSON.stringify(ociConfig({ ...spec, ...changes })))

test("a container joins its sandbox's network, IPC and UTS namespaces and has PIDs and mounts of its own", () => {
  expect(configOf().linux.namespaces).toEqual([
    { type: 'pid' },
    { type: 'mount' },
    { type: 'network', path: '/run/netns/cni-1' },
    { type: 'ipc', path: '/proc/9/ns/ipc' },
    { type: 'uts', path: '/proc/9/ns/uts' },
  ])
})

test('a user that is not root starts without capabilities, but with the set it could regain', () => {
  const { capabilities } = configOf({ user: { uid: 1000, gid: 0, additionalGids: [] } }).process
  expect(capabilities.effective).toEqual([])
  expect(capabilities.bounding).toEqual(defaultCapabilities)
})

test('the terminal group is asked for only where it is mapped', () => {
  const optionsOf = (mapsUserRange: boolean) =>
    configOf({ mapsUserRange }).mounts.find((mount: { type: string }) => mount.type === 'devpts').options
  expect(optionsOf(true)).toContain('gid=5')
  expect(optionsOf(false)).not.toContain('gid=5')
})

test('sensitive paths of /proc are masked, for who may see all of it those of the machine alone', () => {
  expect(configOf().linux.maskedPaths).toContain('/proc/keys')
  for (const change of [{ privileged: true }, { unmaskedProc: true }]) {
    expect(configOf(change).linux.maskedPaths).toEqual(['/proc/kcore'])
    expect(configOf(change).linux.readonlyPaths).toContain('/proc/sysrq-trigger')
    expect(configOf(change).linux.readonlyPaths).not.toContain('/proc/sys')
  }
})

test('a read-only bind mount is one', () => {
  expect(configOf().mounts.at(-1)).toMatchObject({
    destination: '/b',
    source: '/a',
    options: ['rbind', 'rprivate', 'ro'],
  })
})

test('processes are shared with the sandbox where the pod asks, and with the node for hostPID', () => {
  const pidsOf = (pid?: string) =>
    configOf({ join: { network: '/n', pid } }).linux.namespaces.filter(
      ({ type }: { type: string }) => type === 'pid',
    )
  expect(pidsOf()).toEqual([{ type: 'pid' }])
  expect(pidsOf('/proc/9/ns/pid')).toEqual([{ type: 'pid', path: '/proc/9/ns/pid' }])
  expect(pidsOf('node')).toEqual([])
})

test('the default filter refuses what a capability would allow, and new namespaces', () => {
  const refusedBy = (capabilities: string[]) =>
    configOf({ seccomp: true, capabilities }).linux.seccomp.syscalls.flatMap(
      ({ names }: { names: string[] }) => names,
    )
  expect(refusedBy(defaultCapabilities)).toEqual(
    expect.arrayContaining(['mount', 'unshare', 'clone', 'keyctl']),
  )
  expect(refusedBy(['CAP_SYS_ADMIN'])).not.toContain('mount')
  expect(configOf().linux.seccomp).toBeUndefined()
})
