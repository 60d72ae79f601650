import { readFileSync } from 'node:fs'
import { messageOf } from '../../errors.ts'
import { type Run, run } from '../../exec.ts'
import type { Check } from '../cluster.ts'
import { findKind, isRecentKind, kindInstallLine, kindVersion, oldestKind } from './kind-binary.ts'
import { type ProviderInfo, providerProgram, readProviderInfo } from './provider.ts'

/** What the checks ask of the machine; tests hand in another. */
export interface Machine {
  kind: string | null
  /** `docker`, `podman` or `nerdctl`. */
  provider: string
  /** A limit of the kernel's, null where it cannot be read: then the nodes do not run in this kernel. */
  limit(name: string): number | null
  run: Run
}

const thisMachine = (): Machine => ({ kind: findKind(), provider: providerProgram(), limit: readLimit, run })

/** kind in a version that will do, a provider that answers, and what the nodes ask of the kernel. */
export async function preflight(machine = thisMachine()): Promise<Check[]> {
  const [kind, provider] = await Promise.all([kindCheck(machine), providerChecks(machine)])
  return [kind, ...provider, ...inotifyChecks(machine)]
}

async function kindCheck({ kind, run }: Machine): Promise<Check> {
  const check = { title: 'kind', required: true }
  if (kind === null) {
    const detail = 'the kind program is not installed; it makes the cluster'
    return { ...check, ok: false, detail, cure: kindInstallLine }
  }
  const { stdout } = await run([kind, 'version'], { timeoutMs: 10_000, allowFailure: true })
  const version = kindVersion(stdout)
  if (version === null) return { ...check, ok: true, detail: `${kind}, of a version that it does not say` }
  if (isRecentKind(version)) return { ...check, ok: true, detail: `${kind}, version ${version}` }
  const detail = `${kind} is version ${version}; nodes of today need ${oldestKind} or later`
  return { ...check, ok: false, detail, cure: kindInstallLine }
}

async function providerChecks({ provider, run }: Machine): Promise<Check[]> {
  try {
    const format = provider === 'podman' ? 'json' : '{{json .}}'
    const { stdout } = await run([provider, 'info', '--format', format], { timeoutMs: 10_000 })
    const info = readProviderInfo(stdout)
    const detail = `version ${info.version}${info.rootless ? ', rootless' : ''}`
    return [{ title: provider, ok: true, detail, required: true }, cgroupCheck(info)]
  } catch (error) {
    const detail = `${provider} does not answer, and nodes are its containers: ${messageOf(error)}`
    return [{ title: provider, ok: false, detail, cure: startLine(provider), required: true }]
  }
}

function startLine(provider: string): string {
  if (provider === 'podman') return 'podman info   # https://podman.io/docs/installation'
  if (provider !== 'docker') return `${provider} info   # sudo systemctl start containerd`
  return 'sudo systemctl start docker   # and: sudo usermod -aG docker "$USER"'
}

/** As kind itself demands it of a provider that does not run as root. */
function cgroupCheck({ rootless, cgroupVersion, lacking }: ProviderInfo): Check {
  const check = { title: 'cgroups', required: true }
  const version = `version ${cgroupVersion}`
  if (!rootless) return { ...check, ok: true, detail: version }
  if (cgroupVersion === '1') {
    const detail = 'version 1; a rootless provider can limit nodes by version 2 only'
    const cure =
      'boot with systemd.unified_cgroup_hierarchy=1   # https://kind.sigs.k8s.io/docs/user/rootless/'
    return { ...check, ok: false, detail, cure }
  }
  if (lacking.length === 0) return { ...check, ok: true, detail: `${version}, delegated` }
  const detail = `${version}, but ${lacking.join(', ')} is not delegated to your user`
  const cure = 'Delegate=yes for user@.service   # https://kind.sigs.k8s.io/docs/user/rootless/'
  return { ...check, ok: false, detail, cure }
}

/** What kind's page on known issues asks for; with less, pods fail with "too many open files" once there are many. */
const inotify = { max_user_watches: 524_288, max_user_instances: 512 }

function inotifyChecks({ limit }: Machine): Check[] {
  const found = Object.entries(inotify).map(([name, wanted]) => ({ name, wanted, has: limit(name) }))
  if (found.some(({ has }) => has === null)) return []
  const low = found.filter(({ has, wanted }) => has! < wanted)
  const detail = found.map(({ name, has }) => `${name} ${has}`).join(', ')
  const check = { title: 'inotify', ok: low.length === 0, detail, required: false }
  if (check.ok) return [check]
  const cure = `sudo sysctl ${low.map(({ name, wanted }) => `fs.inotify.${name}=${wanted}`).join(' ')}`
  return [{ ...check, detail: `${detail}: clusters of several nodes may run out of it`, cure }]
}

function readLimit(name: string): number | null {
  try {
    return Number(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'))
  } catch {
    return null
  }
}
