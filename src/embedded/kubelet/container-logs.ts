import type { ContainerLog, Runtime } from '../runtime/index.ts'
import { containerIdOf } from './container-id.ts'
import type { ContainerRecord } from './pod-status.ts'

/** What the runs of one container have said: the latest, and the one before it. */
export class ContainerLogs {
  current: ContainerLog | null = null
  previous: ContainerLog | null = null

  /** A run begins. */
  begin(log: ContainerLog): void {
    this.previous?.remove()
    this.previous = this.current
    this.current = log
  }

  /** Looks for what another process has kept. */
  find(runtime: Runtime, { containerId, lastState }: ContainerRecord): void {
    const before = containerIdOf(lastState.terminated?.containerID)
    if (containerId !== '') this.current = runtime.logOf(containerId)
    if (before && before !== containerId) this.previous = runtime.logOf(before)
  }

  remove(): void {
    for (const log of [this.current, this.previous]) log?.remove()
  }
}
