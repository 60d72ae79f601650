import { join } from 'node:path'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { isApiError, type ResourceType } from '../api-client/index.ts'
import type { EnvSources } from './container-env.ts'
import type { ContainerFields } from './container-fields.ts'
import type { KubeletContext } from './kubelet-context.ts'
import type { VolumeSources } from './volumes.ts'

/** A claim's directory is every node's: they are one machine. */
export function claimDirectory(directory: string, { metadata }: KubernetesObject): string {
  return join(directory, 'claims', metadata.uid!)
}

/** Where a pod's variables and volumes come from. */
export class PodSources {
  constructor(
    private readonly pod: KubernetesObject,
    private readonly context: KubeletContext,
  ) {}

  /** Whether one of the pod's volumes is made of that object. */
  include({ kind, metadata }: KubernetesObject): boolean {
    if (metadata.namespace !== this.pod.metadata.namespace) return false
    const names = this.volumeParts.flatMap(({ secret, configMap }) =>
      kind === 'Secret' ? [secret?.secretName, secret?.name] : [configMap?.name],
    )
    return names.includes(metadata.name)
  }

  /** Whether one of the pod's volumes tells of the pod itself. */
  get tellOfPod(): boolean {
    return this.volumeParts.some(({ downwardAPI }) => downwardAPI)
  }

  /** How long the first of its tokens is good for; null where it has none. */
  get tokenLifeMs(): number | null {
    const tokens = this.volumeParts.map(({ serviceAccountToken }) => serviceAccountToken).filter(Boolean)
    if (tokens.length === 0) return null
    return Math.min(...tokens.map(({ expirationSeconds = 3600 }) => expirationSeconds)) * 1000
  }

  private get volumeParts(): ContainerFields[] {
    const volumes: ContainerFields[] = this.pod.spec.volumes ?? []
    return volumes.flatMap((volume) => [volume, ...(volume.projected?.sources ?? [])])
  }

  forEnv(podIps: string[]): EnvSources {
    const { configMaps, secrets, node, allocatable } = this.context
    return {
      configMap: (name, namespace) => configMaps.get(name, namespace),
      secret: (name, namespace) => secrets.get(name, namespace),
      place: { nodeName: node.name, hostIps: node.addresses, podIps, allocatable },
    }
  }

  forVolumes(podIps: string[]): VolumeSources {
    return {
      ...this.forEnv(podIps),
      claim: (name) => this.claim(name),
      token: (request) => this.token(request),
    }
  }

  private claim(name: string): string | null {
    const found = this.context.claims.get(name, this.pod.metadata.namespace)
    return found ? claimDirectory(this.context.directory, found) : null
  }

  /** Asks the API for a token of the pod's service account, bound to the pod. */
  private async token(request: { audience?: string; expirationSeconds?: number }): Promise<string | null> {
    const { metadata, spec } = this.pod
    const account = spec.serviceAccountName ?? 'default'
    const type: ResourceType = {
      groupVersion: 'api/v1',
      plural: `serviceaccounts/${account}/token`,
      namespaced: true,
    }
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid: metadata.uid }
    try {
      const answer = await this.context.api.create(type, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: { name: account, namespace: metadata.namespace },
        spec: {
          audiences: request.audience ? [request.audience] : [],
          expirationSeconds: request.expirationSeconds ?? 3600,
          boundObjectRef,
        },
      })
      return answer.status?.token ?? null
    } catch (error) {
      if (isApiError(error, 404) || isApiError(error, 405)) return null
      throw error
    }
  }
}
