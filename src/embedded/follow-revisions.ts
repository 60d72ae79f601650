import { LabError, messageOf } from '../errors.ts'
import type { ApiClient, Informer, Programmer, ResourceType, WatchEvent } from './api-client/index.ts'

export interface FollowOptions {
  /** `felix`, `services`, `host-ports`, `dns`: how log and errors call the component. */
  name: string
  api: ApiClient
  /** The kinds that the component's state is made of. */
  types: ResourceType[]
  /** Whether a change may matter; default: each does. */
  concerns?: (event: WatchEvent) => boolean
  /** Puts what the informers hold (in the order of `types`) in force; one call at a time. */
  program: (informers: Informer[]) => Promise<void>
  log: (line: string) => void
}

/**
 * Keeps some state of the kernel or of files equal to what the API objects say. Changes that arrive while one is
 * being programmed are taken together afterwards; a revision that changed nothing of `types` is in force at once.
 * Where programming fails, `programmed` rejects until a later change has succeeded.
 */
export function followRevisions(options: FollowOptions): Programmer {
  return new Follower(options)
}

interface Waiter {
  revision: number
  resolve: () => void
  reject: (error: unknown) => void
}

class Follower implements Programmer {
  private readonly informers: Informer[]
  private readonly unsubscribe: () => void
  private readonly waiters = new Set<Waiter>()
  private synced = false
  private stopped = false
  /** Something changed since `program` was last called. */
  private changed = true
  /** Revision the log has come to, and the one in force. */
  private known = 0
  private inForce = 0
  private failure: { revision: number; error: unknown } | null = null
  private working: Promise<void> | null = null

  constructor(private readonly options: FollowOptions) {
    const { api, types, concerns = () => true } = options
    this.informers = types.map((type) =>
      api.inform(type, (event) => {
        this.changed ||= concerns(event)
      }),
    )
    this.unsubscribe = api.onRevision((revision) => this.advance(revision))
    void Promise.all(this.informers.map((informer) => informer.synced)).then(() => {
      this.synced = true
      this.advance(api.revision)
    })
  }

  programmed(revision: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiters.add({ revision, resolve, reject })
      this.answerWaiters()
    })
  }

  async stop(): Promise<void> {
    this.stopped = true
    this.unsubscribe()
    for (const informer of this.informers) informer.stop()
    await this.working
    this.answerWaiters()
  }

  private advance(revision: number): void {
    this.known = Math.max(this.known, revision)
    if (!this.synced || this.stopped || this.working || this.known <= this.inForce) return
    this.working = this.work()
  }

  private async work(): Promise<void> {
    let attempted = 0
    while (!this.stopped && this.known > Math.max(this.inForce, attempted)) {
      attempted = this.known
      await this.catchUp(attempted)
      this.answerWaiters()
    }
    // In the same turn as the loop's last look at what is known: a revision that comes later starts anew.
    this.working = null
  }

  private async catchUp(revision: number): Promise<void> {
    try {
      if (this.changed) {
        this.changed = false
        await this.options.program(this.informers)
      }
      this.inForce = revision
      this.failure = null
    } catch (error) {
      this.changed = true
      this.failure = { revision, error }
      this.options.log(`${this.options.name}: revision ${revision} is not in force: ${messageOf(error)}`)
    }
  }

  private answerWaiters(): void {
    for (const waiter of this.waiters) {
      if (waiter.revision <= this.inForce) waiter.resolve()
      else if (this.failure && waiter.revision <= this.failure.revision) waiter.reject(this.failure.error)
      else if (this.stopped)
        waiter.reject(new LabError({ code: 'interrupted', message: `${this.options.name} has been stopped` }))
      else continue
      this.waiters.delete(waiter)
    }
  }
}
