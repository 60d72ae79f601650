import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { clusterDomain } from '../dns/index.ts'
import type { ContainerLog, ContainerRequest } from '../runtime/index.ts'
import { expand } from './container-env.ts'
import { ContainerConfigError, type ContainerFields } from './container-fields.ts'
import type { NodeFiles } from './node-files.ts'
import { PodVolumes, type VolumeSources } from './volumes.ts'

type Mounts = ContainerRequest['mounts']

export interface PodFilesOptions {
  pod: KubernetesObject
  directory: string
  /** The file system of its node. */
  node: NodeFiles
  hostname: string
  /** Address of the cluster's DNS. */
  dnsServer: string
}

/** Longer termination messages are cut, as the kubelet does. */
const messageBytes = 4096

/** How much of its log stands for what a container left unsaid. */
const fallback = { lines: 80, bytes: 2048 }

interface Ended {
  spec: ContainerFields
  log: ContainerLog | null
}

/** A pod's files on its node: resolv.conf, hosts, hostname, termination messages and its volumes. */
export class PodFiles {
  private readonly volumes: PodVolumes

  constructor(private readonly options: PodFilesOptions) {
    this.volumes = new PodVolumes(options.pod, join(options.directory, 'volumes'), options.node)
  }

  /** Throws `ContainerConfigError` for a volume that cannot be had. */
  async write(sources: VolumeSources): Promise<void> {
    const { pod, directory, hostname, dnsServer } = this.options
    await mkdir(join(directory, 'termination'), { recursive: true, mode: 0o755 })
    await Promise.all([
      writeFile(join(directory, 'resolv.conf'), resolvConf(pod, dnsServer)),
      writeFile(join(directory, 'hosts'), hostsFile(pod, sources.place.podIps, hostname)),
      writeFile(join(directory, 'hostname'), `${hostname}\n`),
    ])
    await this.volumes.write(sources)
  }

  /** Takes over the volumes that another process has made. Throws as `write` does, for the first that cannot be had any more. */
  adopt(sources: VolumeSources): Promise<void> {
    return this.volumes.adopt(sources)
  }

  refresh(sources: VolumeSources): Promise<void> {
    return this.volumes.refresh(sources)
  }

  /** Makes the file into which a container's run writes why it ended. */
  async prepareTermination(container: string): Promise<void> {
    await mkdir(join(this.options.directory, 'termination'), { recursive: true, mode: 0o755 })
    await writeFile(this.terminationFile(container), '', { mode: 0o666 })
  }

  /** Why a container's run ended, in its own words or, where it asked for that, in the last ones of its log. */
  async terminationMessage({ spec, log }: Ended, exitCode: number): Promise<string> {
    const text = await readFile(this.terminationFile(spec.name)).catch(() => Buffer.alloc(0))
    const message = text.subarray(0, messageBytes).toString()
    if (message || exitCode === 0 || spec.terminationMessagePolicy !== 'FallbackToLogsOnError') return message
    const lines = log?.read({ tailLines: fallback.lines }) ?? []
    return lines
      .map((line) => line.text)
      .join('')
      .slice(-fallback.bytes)
  }

  mounts(container: ContainerFields, env: Record<string, string> = {}): Mounts {
    const own = (name: string) => ({
      source: join(this.options.directory, name),
      destination: `/etc/${name}`,
      readonly: false,
    })
    const volumes = (container.volumeMounts ?? []).map((mount: ContainerFields) => ({
      source: partOf(this.volumes.pathOf(mount.name), subPath(mount, env)),
      destination: mount.mountPath,
      readonly: mount.readOnly === true || this.volumes.isReadOnly(mount.name),
      followsHost: mount.mountPropagation === 'HostToContainer',
    }))
    const terminationLog = {
      source: this.terminationFile(container.name),
      destination: container.terminationMessagePath ?? '/dev/termination-log',
      readonly: false,
    }
    return [own('resolv.conf'), own('hosts'), own('hostname'), terminationLog, ...volumes]
  }

  /** Directories of emptyDirs on the node's disk, by their names. */
  emptyDirs(): Map<string, string> {
    return this.volumes.emptyDirs()
  }

  async remove(): Promise<void> {
    await this.volumes.remove()
    await rm(this.options.directory, { recursive: true, force: true })
  }

  private terminationFile(container: string): string {
    return join(this.options.directory, 'termination', container)
  }
}

/** What a pod's resolver asks, and in which domains it looks for short names; `dnsConfig` adds to it. */
export function resolvConf({ metadata, spec }: KubernetesObject, dnsServer: string): string {
  const asksCluster =
    spec.dnsPolicy !== 'None' &&
    // "Default" is the node's own, and a node of this cluster has no resolver.
    spec.dnsPolicy !== 'Default' &&
    (!spec.hostNetwork || spec.dnsPolicy === 'ClusterFirstWithHostNet')
  const { nameservers = [], searches = [], options = [] } = spec.dnsConfig ?? {}
  const domains = [`${metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
  const search = [...new Set([...(asksCluster ? domains : []), ...searches])]
  const servers: string[] = [...new Set<string>([...(asksCluster ? [dnsServer] : []), ...nameservers])]
  const merged = new Map<string, string | undefined>(asksCluster ? [['ndots', '5']] : [])
  for (const { name, value } of options) merged.set(name, value)
  const words = [...merged].map(([name, value]) => (value === undefined ? name : `${name}:${value}`))
  return [
    ...(search.length > 0 ? [`search ${search.join(' ')}\n`] : []),
    ...servers.map((server) => `nameserver ${server}\n`),
    ...(words.length > 0 ? [`options ${words.join(' ')}\n`] : []),
  ].join('')
}

function hostsFile({ metadata, spec }: KubernetesObject, podIps: string[], hostname: string): string {
  const domain = spec.subdomain && `${hostname}.${spec.subdomain}.${metadata.namespace}.svc.${clusterDomain}`
  const aliases: { ip: string; hostnames?: string[] }[] = spec.hostAliases ?? []
  return [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::\tip6-localnet',
    'fe00::\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...podIps.map((ip) => [ip, ...(domain ? [domain] : []), hostname].join('\t')),
    ...(aliases.length > 0 ? ['', '# Entries added by HostAliases.'] : []),
    ...aliases.map(({ ip, hostnames = [] }) => [ip, ...hostnames].join('\t')),
    '',
  ].join('\n')
}

/** Part of a volume: a folder where it is not there yet, with the permissions of the volume, as a kubelet makes it. */
function partOf(volume: string, part: string): string {
  // Without a slash at its end: a hostPath may be a file.
  if (part === '/') return volume
  const path = join(volume, part)
  if (existsSync(path)) return path
  mkdirSync(path, { recursive: true })
  chmodSync(path, statSync(volume).mode & 0o7777)
  return path
}

/** Part of a volume that is mounted in place of the whole of it. */
function subPath(mount: ContainerFields, env: Record<string, string>): string {
  const refuse = (name: string) => {
    throw new ContainerConfigError(`missing value for "${name}"`)
  }
  return normalize(`/${mount.subPath ?? expand(mount.subPathExpr ?? '', env, refuse)}`)
}
