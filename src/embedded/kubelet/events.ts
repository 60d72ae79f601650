import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, newEventName, resources } from '../api-client/index.ts'
import { apiTime } from '../api-time.ts'

export interface PodEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

interface InvolvedObject {
  apiVersion?: string
  kind: string
  name: string
  namespace: string | undefined
  uid: string | undefined
}

/** Writes Events of one node's pods; one that repeats is counted. Never throws: an Event is no reason to fail. */
export class EventWriter {
  private readonly written = new Map<string, { name: string; count: number }>()

  constructor(
    private readonly api: ApiClient,
    private readonly node: string,
    private readonly log: (line: string) => void,
  ) {}

  write({ kind = 'Pod', metadata }: KubernetesObject, event: PodEvent): Promise<void> {
    const { name, namespace, uid } = metadata
    return this.writeAbout({ apiVersion: 'v1', kind, name, namespace, uid }, event)
  }

  /** Of a node itself: such Events lie in the namespace default, and its name stands for its uid. */
  writeOfNode(name: string, event: PodEvent): Promise<void> {
    return this.writeAbout({ kind: 'Node', name, namespace: undefined, uid: name }, event)
  }

  private async writeAbout(about: InvolvedObject, event: PodEvent): Promise<void> {
    const { uid, namespace = 'default' } = about
    const key = JSON.stringify([uid, event])
    const { name, count: before } = this.written.get(key) ?? {
      name: newEventName(about.name),
      count: 0,
    }
    const count = before + 1
    this.written.set(key, { name, count })
    const now = apiTime()
    try {
      if (count > 1) {
        await this.api.patch(resources.events, { name, namespace }, { count, lastTimestamp: now })
        return
      }
      await this.api.create(resources.events, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: about,
        ...event,
        source: { component: 'kubelet', host: this.node },
        reportingComponent: 'kubelet',
        reportingInstance: this.node,
        count,
        firstTimestamp: now,
        lastTimestamp: now,
      })
    } catch (error) {
      this.log(`event ${event.reason} of ${about.kind} ${namespace}/${about.name} is lost: ${error}`)
    }
  }
}
