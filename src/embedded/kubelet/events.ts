import type { KubernetesObject } from '../../kubernetes-object.ts'
import { type ApiClient, isApiError, newEventName, resources } from '../api-client/index.ts'
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

interface Written {
  name: string
  count: number
}

/** As many Events are remembered as by client-go. */
const mostRemembered = 4096

/** Writes Events of one node's pods; one that repeats is counted. Never throws: an Event is no reason to fail. */
export class EventWriter {
  private readonly written = new Map<string, Promise<Written | null>>()

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

  /** What repeats is counted in its turn: its Event has to be there first. */
  private writeAbout(about: InvolvedObject, event: PodEvent): Promise<void> {
    const key = JSON.stringify([about.uid, event])
    const known = this.written.get(key)
    const next = (known ?? Promise.resolve(null))
      .then(async (before) => (before && (await this.count(about, before))) ?? this.create(about, event))
      .catch((error) => {
        const { kind, namespace = 'default', name } = about
        this.log(`event ${event.reason} of ${kind} ${namespace}/${name} is lost: ${error}`)
        return null
      })
    this.written.delete(key)
    this.written.set(key, next)
    if (this.written.size > mostRemembered) this.written.delete(this.written.keys().next().value!)
    return next.then(() => undefined)
  }

  /** Null where the Event is there no more. */
  private async count(
    { namespace = 'default' }: InvolvedObject,
    { name, count }: Written,
  ): Promise<Written | null> {
    const changes = { count: count + 1, lastTimestamp: apiTime() }
    try {
      await this.api.patch(resources.events, { name, namespace }, changes)
      return { name, count: count + 1 }
    } catch (error) {
      if (isApiError(error, 404)) return null
      throw error
    }
  }

  private async create(about: InvolvedObject, event: PodEvent): Promise<Written> {
    const name = newEventName(about.name)
    const now = apiTime()
    await this.api.create(resources.events, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: about.namespace ?? 'default' },
      involvedObject: about,
      ...event,
      source: { component: 'kubelet', host: this.node },
      reportingComponent: 'kubelet',
      reportingInstance: this.node,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
    })
    return { name, count: 1 }
  }
}
