import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, resources } from '../api-client/index.ts'
import { apiTime } from './pod-status.ts'

export interface PodEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

/** Writes Events of one node's pods; one that repeats is counted. Never throws: an Event is no reason to fail. */
export class EventWriter {
  private readonly written = new Map<string, { name: string; count: number }>()
  private made = 0

  constructor(
    private readonly api: ApiClient,
    private readonly node: string,
    private readonly log: (line: string) => void,
  ) {}

  async write(pod: KubernetesObject, event: PodEvent): Promise<void> {
    const { uid, namespace } = pod.metadata
    const key = JSON.stringify([uid, event])
    const { name, count: before } = this.written.get(key) ?? {
      name: this.newName(pod.metadata.name),
      count: 0,
    }
    const count = before + 1
    this.written.set(key, { name, count })
    const now = apiTime(new Date())
    try {
      if (count > 1) {
        await this.api.patch(resources.events, { name, namespace }, { count, lastTimestamp: now })
        return
      }
      await this.api.create(resources.events, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace },
        involvedObject: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, namespace, uid },
        ...event,
        source: { component: 'kubelet', host: this.node },
        reportingComponent: 'kubelet',
        reportingInstance: this.node,
        count,
        firstTimestamp: now,
        lastTimestamp: now,
      })
    } catch (error) {
      this.log(`event ${event.reason} of pod ${namespace}/${pod.metadata.name} is lost: ${error}`)
    }
  }

  /** Named after the time, as a kubelet's are: a list by name is one by time. */
  private newName(pod: string): string {
    const nanoseconds = BigInt(Date.now()) * 1_000_000n + BigInt(this.made++ % 1_000_000)
    return `${pod}.${nanoseconds.toString(16)}`
  }
}
