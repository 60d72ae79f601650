import { type Machine, preflight } from '../../../src/cluster/kind/preflight.ts'
import { providerProgram, readProviderInfo } from '../../../src/cluster/kind/provider.ts'

const docker = {
  ServerVersion: '27.1.0',
  CgroupVersion: '2',
  SecurityOptions: ['name=seccomp,profile=builtin'],
  MemoryLimit: true,
  PidsLimit: true,
  CPUShares: true,
}
const rootless = { ...docker, SecurityOptions: ['name=rootless'] }

interface Given {
  kind?: string | null
  version?: string
  provider?: string
  info?: object
  limits?: Record<string, number>
}

/** The checks on a machine that has everything but what is given. */
function checksOn({ kind = '/bin/kind', version = 'v0.33.0', provider = 'docker', ...given }: Given = {}) {
  const limits: Record<string, number> = given.limits ?? { max_user_watches: 1e6, max_user_instances: 1e4 }
  const run: Machine['run'] = async (argv) => {
    const stdout =
      argv[1] === 'version' ? `kind ${version} go1.26 linux/amd64\n` : JSON.stringify(given.info ?? docker)
    return { argv, code: 0, signal: null, stdout, stderr: '', durationMs: 1 }
  }
  return preflight({ kind, provider, limit: (name) => limits[name] ?? null, run })
}

const failing = async (given: Given) => (await checksOn(given)).filter(({ ok }) => !ok)

test('a machine that has everything passes, and is told what it has', async () => {
  expect(await checksOn()).toEqual([
    { title: 'kind', ok: true, detail: '/bin/kind, version 0.33.0', required: true },
    { title: 'docker', ok: true, detail: 'version 27.1.0', required: true },
    { title: 'cgroups', ok: true, detail: 'version 2', required: true },
    {
      title: 'inotify',
      ok: true,
      detail: 'max_user_watches 1000000, max_user_instances 10000',
      required: false,
    },
  ])
})

test('kind that is missing or too old is required, with the line that installs it', async () => {
  const cure = 'go install sigs.k8s.io/kind@v0.33.0'
  expect(await failing({ kind: null })).toMatchObject([{ title: 'kind', required: true, cure }])
  expect(await failing({ version: 'v0.9.0' })).toMatchObject([
    { title: 'kind', required: true, cure, detail: expect.stringContaining('0.27.0 or later') },
  ])
  expect(await failing({ version: 'v0.27.0' })).toEqual([])
  expect(await failing({ version: '(devel)' })).toEqual([])
})

test.each(['docker', 'podman', 'nerdctl'])('%s that does not answer is named', async (provider) => {
  const run: Machine['run'] = async (argv) => {
    if (argv[0] === provider) throw new Error('Cannot connect')
    return { argv, code: 0, signal: null, stdout: 'kind v0.33.0', stderr: '', durationMs: 1 }
  }
  const checks = await preflight({ kind: '/bin/kind', provider, limit: () => null, run })
  expect(checks.filter(({ ok }) => !ok)).toMatchObject([
    { title: provider, required: true, detail: expect.stringContaining('Cannot connect') },
  ])
})

test('Docker whose server is down says so, although its command does not fail', () => {
  expect(() => readProviderInfo('{"ServerErrors":["daemon is not running"]}')).toThrow(
    'daemon is not running',
  )
})

test('podman answers in a form of its own', () => {
  const info = {
    host: {
      cgroupVersion: 'v2',
      cgroupControllers: ['cpu', 'memory', 'pids'],
      security: { rootless: true },
    },
    version: { Version: '5.2.1' },
  }
  expect(readProviderInfo(JSON.stringify(info))).toEqual({
    version: '5.2.1',
    rootless: true,
    cgroupVersion: '2',
    lacking: [],
  })
})

test('a rootless provider needs cgroups of version 2, with what limits nodes delegated', async () => {
  expect(await failing({ info: rootless })).toEqual([])
  expect(await failing({ info: { ...rootless, CgroupVersion: '1' } })).toMatchObject([
    { title: 'cgroups', required: true },
  ])
  expect(await failing({ info: { ...rootless, PidsLimit: false } })).toMatchObject([
    { title: 'cgroups', required: true, detail: expect.stringContaining('pids is not delegated') },
  ])
  expect(await failing({ info: { ...docker, CgroupVersion: '1', PidsLimit: false } })).toEqual([])
})

test('low limits of inotify are told with the line that raises them, and forbid nothing', async () => {
  expect(await failing({ limits: { max_user_watches: 1e6, max_user_instances: 128 } })).toMatchObject([
    { title: 'inotify', required: false, cure: 'sudo sysctl fs.inotify.max_user_instances=512' },
  ])
  expect((await checksOn({ limits: {} })).map(({ title }) => title)).not.toContain('inotify')
})

test('the provider is the one that kind itself takes', () => {
  const has =
    (...programs: string[]) =>
    (program: string) =>
      programs.includes(program)
  expect(providerProgram(undefined, has('podman', 'nerdctl'))).toBe('nerdctl')
  expect(providerProgram(undefined, has('docker', 'podman'))).toBe('docker')
  expect(providerProgram('podman', has('docker', 'podman'))).toBe('podman')
  expect(providerProgram('nothing', has('podman'))).toBe('podman')
  expect(providerProgram(undefined, has())).toBe('docker')
})
