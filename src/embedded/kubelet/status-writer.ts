import { messageOf } from '../../errors.ts'
import { type ApiClient, isApiError, type ObjectRef, resources } from '../api-client/index.ts'

export interface StatusWriterOptions {
  api: ApiClient
  pod: ObjectRef
  /** The status as it is now. */
  status(): object
  log(line: string): void
}

/** Writes a pod's status; changes that come while one is written go together into the next. */
export class StatusWriter {
  private writing: Promise<number> | null = null
  private isDirty = false
  private isStopped = false

  constructor(private readonly options: StatusWriterOptions) {}

  publish(): void {
    this.isDirty = true
    this.writing ??= this.write().finally(() => {
      this.writing = null
    })
  }

  /** Resolves once all is written that was published so far, with its revision: null where nothing was being written. */
  async written(): Promise<number | null> {
    return this.writing
  }

  /** Nothing is written any more: the pod is gone. */
  stop(): void {
    this.isStopped = true
  }

  private async write(): Promise<number> {
    const { api, pod, status, log } = this.options
    let revision = 0
    while (this.isDirty && !this.isStopped) {
      this.isDirty = false
      try {
        const written = await api.patch(resources.pods, pod, { status: status() }, 'status')
        revision = Number(written.metadata.resourceVersion)
      } catch (error) {
        if (isApiError(error, 404)) return revision
        log(`status of pod ${pod.namespace}/${pod.name}: ${messageOf(error)}`)
      }
    }
    return revision
  }
}
