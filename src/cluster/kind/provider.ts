import { findProgram } from '../../command-line.ts'

/** In the order in which kind looks for them. */
const detected = ['docker', 'nerdctl', 'podman']
const known = [...detected, 'finch', 'nerdctl.lima']

/**
 * The program whose containers the nodes are, chosen as kind chooses it: by KIND_EXPERIMENTAL_PROVIDER where that names
 * one, or the first that is installed; `docker` where none is.
 */
export function providerProgram(
  told = process.env.KIND_EXPERIMENTAL_PROVIDER,
  isInstalled: (program: string) => boolean = (program) => findProgram(program) !== null,
): string {
  if (told && known.includes(told)) return told
  return detected.find(isInstalled) ?? 'docker'
}

/** What of a provider matters to kind. */
export interface ProviderInfo {
  version: string
  rootless: boolean
  cgroupVersion: '1' | '2'
  /** Controllers that it may not limit. */
  lacking: string[]
}

/**
 * Reads what `info` answers as JSON, in Docker's and nerdctl's form or podman's. Throws where it says that no server
 * answers. Pure.
 */
export function readProviderInfo(text: string): ProviderInfo {
  const info = JSON.parse(text) as DockerInfo & PodmanInfo
  if (info.host) return fromPodman(info.host, info)
  if (!info.ServerVersion) throw new Error(info.ServerErrors?.join('; ') ?? 'no server answers')
  const limits = { memory: info.MemoryLimit, pids: info.PidsLimit, cpu: info.CPUShares }
  return {
    version: info.ServerVersion,
    rootless: info.SecurityOptions?.some((option) => option.includes('name=rootless')) ?? false,
    cgroupVersion: info.CgroupVersion === '2' ? '2' : '1',
    lacking: Object.entries(limits).flatMap(([controller, has]) => (has ? [] : [controller])),
  }
}

interface DockerInfo {
  ServerVersion?: string
  ServerErrors?: string[]
  CgroupVersion?: string
  SecurityOptions?: string[] | null
  MemoryLimit?: boolean
  PidsLimit?: boolean
  CPUShares?: boolean
}

interface PodmanInfo {
  host?: { cgroupVersion?: string; cgroupControllers?: string[]; security?: { rootless?: boolean } }
  version?: { Version?: string }
}

function fromPodman(host: NonNullable<PodmanInfo['host']>, { version }: PodmanInfo): ProviderInfo {
  const has = host.cgroupControllers ?? []
  return {
    version: version?.Version ?? 'of unknown version',
    rootless: host.security?.rootless ?? false,
    cgroupVersion: host.cgroupVersion === 'v2' ? '2' : '1',
    lacking: ['memory', 'pids', 'cpu'].filter((controller) => !has.includes(controller)),
  }
}
