import { messageOf } from '../../errors.ts'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, isApiError, resources } from '../api-client/index.ts'
import { controllerReference } from './controller.ts'
import { type RecordedEvent, recordEvent } from './event-recorder.ts'

/** Makes and removes the pods of a workload, and tells of it in Events about the workload. */
export class PodControl {
  constructor(
    private readonly client: ApiClient,
    private readonly component: string,
  ) {}

  /** `said` is what the Event says where it is not what most controllers say. */
  async create(owner: KubernetesObject, pod: KubernetesObject, said?: string): Promise<KubernetesObject> {
    try {
      const created = await this.client.create(resources.pods, pod)
      const message = said ?? `Created pod: ${created.metadata.name}`
      await this.record(owner, { type: 'Normal', reason: 'SuccessfulCreate', message })
      return created
    } catch (error) {
      const message = `Error creating: ${messageOf(error)}`
      await this.record(owner, { type: 'Warning', reason: 'FailedCreate', message })
      throw error
    }
  }

  async delete(owner: KubernetesObject, { metadata }: KubernetesObject, said?: string): Promise<void> {
    const { name, namespace, uid } = metadata
    try {
      await this.client.delete(resources.pods, { name, namespace }, { uid })
    } catch (error) {
      if (!isApiError(error, 404)) throw error
    }
    const message = said ?? `Deleted pod: ${name}`
    await this.record(owner, { type: 'Normal', reason: 'SuccessfulDelete', message })
  }

  async record(owner: KubernetesObject, event: RecordedEvent): Promise<void> {
    try {
      await recordEvent(this.client, this.component, owner, event)
    } catch (error) {
      // An Event is told for people; where its namespace is going, nobody can read it any more.
      if (!isApiError(error, 403) && !isApiError(error, 404)) throw error
    }
  }
}

export interface PodIdentity {
  /** Left out where the API is to make one of the owner's. */
  name?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  /** Fields that differ from the template's. */
  spec?: object
}

/** A pod by a workload's template. */
export function podFrom(
  owner: KubernetesObject,
  template: { metadata?: KubernetesObject['metadata']; spec: object },
  identity: PodIdentity = {},
): KubernetesObject {
  const { labels, annotations } = template.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(identity.name ? { name: identity.name } : { generateName: `${owner.metadata.name}-` }),
      namespace: owner.metadata.namespace,
      labels: { ...labels, ...identity.labels },
      annotations: { ...annotations, ...identity.annotations },
      ownerReferences: [controllerReference(owner)],
    } as never,
    spec: { ...template.spec, ...identity.spec },
  }
}
