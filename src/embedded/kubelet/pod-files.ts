import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { Informer } from '../api-client/index.ts'
import { clusterDomain, dnsAddress } from '../dns/index.ts'
import type { ContainerRequest } from '../runtime/index.ts'
import { ContainerConfigError, type ContainerFields } from './container-request.ts'

type Mounts = ContainerRequest['mounts']

export interface PodFilesOptions {
  pod: KubernetesObject
  directory: string
  hostname: string
  configMaps: Informer
}

/** A pod's files on its node: resolv.conf, hosts, hostname and its volumes. */
export class PodFiles {
  private readonly volumes = new Map<string, string>()

  constructor(private readonly options: PodFilesOptions) {}

  /** Throws `ContainerConfigError` for a volume that cannot be had. */
  async write(podIp: string): Promise<void> {
    const { pod, directory, hostname } = this.options
    await mkdir(directory, { recursive: true, mode: 0o755 })
    await Promise.all([
      writeFile(join(directory, 'resolv.conf'), resolvConf(pod)),
      writeFile(join(directory, 'hosts'), hostsFile(podIp, hostname)),
      writeFile(join(directory, 'hostname'), `${hostname}\n`),
      writeFile(join(directory, 'termination-log'), ''),
    ])
    for (const volume of pod.spec.volumes ?? []) {
      this.volumes.set(volume.name, await this.writeVolume(volume))
    }
  }

  mounts(container: ContainerFields): Mounts {
    const own = (name: string) => ({
      source: join(this.options.directory, name),
      destination: `/etc/${name}`,
      readonly: false,
    })
    const volumes = (container.volumeMounts ?? []).map((mount: ContainerFields) => ({
      source: join(this.volumeOf(mount.name), normalize(`/${mount.subPath ?? ''}`)),
      destination: mount.mountPath,
      readonly: mount.readOnly === true,
    }))
    const terminationLog = {
      source: join(this.options.directory, 'termination-log'),
      destination: container.terminationMessagePath ?? '/dev/termination-log',
      readonly: false,
    }
    return [own('resolv.conf'), own('hosts'), own('hostname'), terminationLog, ...volumes]
  }

  async remove(): Promise<void> {
    await rm(this.options.directory, { recursive: true, force: true })
  }

  private volumeOf(name: string): string {
    const path = this.volumes.get(name)
    if (!path) throw new ContainerConfigError(`volume "${name}" is not in the pod's volumes`)
    return path
  }

  private async writeVolume(volume: ContainerFields): Promise<string> {
    const path = join(this.options.directory, 'volumes', volume.name)
    if (volume.hostPath) return hostPath(volume.hostPath)
    await mkdir(path, { recursive: true, mode: 0o755 })
    if (volume.configMap) await this.writeConfigMap(volume.configMap, path)
    return path
  }

  private async writeConfigMap(source: ContainerFields, path: string): Promise<void> {
    const { namespace } = this.options.pod.metadata
    const configMap = this.options.configMaps.get(source.name, namespace)
    if (!configMap && source.optional) return
    if (!configMap) throw new ContainerConfigError(`configmap "${source.name}" not found`)
    const items: { key: string; path: string; mode?: number }[] =
      source.items ??
      [...Object.keys(configMap.data ?? {}), ...Object.keys(configMap.binaryData ?? {})].map((key) => ({
        key,
        path: key,
      }))
    for (const item of items) {
      const content = configMap.data?.[item.key] ?? decode(configMap.binaryData?.[item.key])
      if (content === undefined)
        throw new ContainerConfigError(`configmap "${source.name}" has no key "${item.key}"`)
      const file = join(path, normalize(`/${item.path}`))
      await mkdir(dirname(file), { recursive: true, mode: 0o755 })
      await writeFile(file, content, { mode: item.mode ?? source.defaultMode ?? 0o644 })
    }
  }
}

/** What a pod's resolver asks, and in which domains it looks for short names. */
export function resolvConf(pod: KubernetesObject): string {
  // "Default" is the node's own, and a node of this cluster has no resolver.
  if (
    pod.spec.dnsPolicy === 'Default' ||
    (pod.spec.hostNetwork && pod.spec.dnsPolicy !== 'ClusterFirstWithHostNet')
  )
    return ''
  const search = [`${pod.metadata.namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain]
  return `search ${search.join(' ')}\nnameserver ${dnsAddress}\noptions ndots:5\n`
}

function hostsFile(podIp: string, hostname: string): string {
  return `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${podIp}\t${hostname}\n`
}

async function hostPath({ path, type = '' }: { path: string; type?: string }): Promise<string> {
  if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: 0o755 })
  await stat(path).catch(() => {
    throw new ContainerConfigError(`hostPath ${path} does not exist on the node`)
  })
  return path
}

function decode(base64: string | undefined): Buffer | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64')
}
