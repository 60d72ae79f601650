import { LabError } from '../errors.ts'
import type { Transport } from './transport.ts'

/** Where a kind lives: enough to form its paths. */
export interface Resource {
  apiVersion: string
  kind: string
  plural: string
  namespaced: boolean
}

/** Finds the paths of kinds: those the harness knows at once, others by asking the API server. */
export class Resources {
  private readonly discovered = new Map<string, Promise<DiscoveredResource[] | null>>()

  constructor(private readonly transport: Transport) {}

  /** Null where the cluster does not serve the kind. */
  async find(apiVersion: string, kind: string): Promise<Resource | null> {
    const known = knownKinds[`${apiVersion}/${kind}`]
    if (known) return { apiVersion, kind, ...known }
    const served = await this.served(apiVersion)
    const match = served?.find((resource) => resource.kind === kind && !resource.name.includes('/'))
    return match ? { apiVersion, kind, plural: match.name, namespaced: match.namespaced } : null
  }

  /** As `find`, but throws `unsupported`. */
  async demand(apiVersion: string, kind: string): Promise<Resource> {
    const found = await this.find(apiVersion, kind)
    if (found) return found
    throw new LabError({
      code: 'unsupported',
      message: `this cluster does not serve ${apiVersion} ${kind}`,
      cause: 'its API lists no such kind; a CustomResourceDefinition may be missing',
      hint: 'kubectl api-resources',
    })
  }

  /** What a group version holds, asked once; null where it is not served. */
  served(apiVersion: string): Promise<DiscoveredResource[] | null> {
    let answer = this.discovered.get(apiVersion)
    if (!answer) {
      answer = this.discover(apiVersion)
      this.discovered.set(apiVersion, answer)
      answer.then(
        (found) => found ?? this.discovered.delete(apiVersion),
        () => this.discovered.delete(apiVersion),
      )
    }
    return answer
  }

  private async discover(apiVersion: string): Promise<DiscoveredResource[] | null> {
    const answer = await this.transport.request(groupPath(apiVersion))
    if (answer.status !== 200) return null
    return (JSON.parse(answer.body) as { resources: DiscoveredResource[] }).resources
  }
}

/** `/apis/apps/v1/namespaces/shop/deployments/web`, with as many parts as are given. */
export function resourcePath(resource: Resource, namespace?: string, name?: string): string {
  const inNamespace = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  const tail = name === undefined ? '' : `/${encodeURIComponent(name)}`
  return `${groupPath(resource.apiVersion)}${inNamespace}/${resource.plural}${tail}`
}

interface DiscoveredResource {
  name: string
  kind: string
  namespaced: boolean
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}

const namespaced = (plural: string) => ({ plural, namespaced: true })
const clusterWide = (plural: string) => ({ plural, namespaced: false })

/** Kinds that every cluster serves. Calico's are asked for, because clusters serve one of two groups or neither. */
const knownKinds: Record<string, { plural: string; namespaced: boolean }> = {
  'v1/Namespace': clusterWide('namespaces'),
  'v1/Node': clusterWide('nodes'),
  'v1/Pod': namespaced('pods'),
  'v1/Service': namespaced('services'),
  'v1/ConfigMap': namespaced('configmaps'),
  'v1/Secret': namespaced('secrets'),
  'v1/ServiceAccount': namespaced('serviceaccounts'),
  'v1/Event': namespaced('events'),
  'v1/Endpoints': namespaced('endpoints'),
  'discovery.k8s.io/v1/EndpointSlice': namespaced('endpointslices'),
  'apps/v1/Deployment': namespaced('deployments'),
  'apps/v1/DaemonSet': namespaced('daemonsets'),
  'apps/v1/ReplicaSet': namespaced('replicasets'),
  'networking.k8s.io/v1/NetworkPolicy': namespaced('networkpolicies'),
  'rbac.authorization.k8s.io/v1/ClusterRole': clusterWide('clusterroles'),
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': clusterWide('clusterrolebindings'),
  'apiextensions.k8s.io/v1/CustomResourceDefinition': clusterWide('customresourcedefinitions'),
}
