import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../errors.ts'
import { BackOff, nodeDelays } from './back-off.ts'
import type { NodeAgentProcess } from './node-agent-process.ts'

export interface NodesSupervisorOptions {
  /** Already started. */
  first: NodeAgentProcess
  /** Starts another, in namespaces of its own. */
  start(): NodeAgentProcess
  /** Removes what the kernel does not reap with the namespaces. */
  clear(): Promise<void>
  /** Called whenever the nodes have come up again. */
  up(agent: NodeAgentProcess): Promise<void>
  log(line: string): void
}

/**
 * The nodes as machines: whose namespaces end, they have lost power, and are switched on again after a while. That the
 * node agent alone is started again is the business of PID 1 in there.
 */
export class NodesSupervisor {
  private current: NodeAgentProcess
  private readonly stopping = new AbortController()
  private readonly delay = new BackOff(nodeDelays)

  constructor(private readonly options: NodesSupervisorOptions) {
    this.current = options.first
  }

  /** From now on; before, the end of the nodes is for others to tell. Resolves once they have been stopped. */
  async keepUp(): Promise<void> {
    for (let began = performance.now(); ; began = performance.now()) {
      const how = await this.current.ended
      if (this.stopping.signal.aborted) return
      const delayMs = this.delay.next(performance.now() - began)
      this.options.log(`the nodes are down (${how}), they are started again in ${delayMs} ms`)
      await sleep(delayMs, null, this.stopping).catch(() => undefined)
      await this.options.clear()
      if (this.stopping.signal.aborted) return
      this.restart()
    }
  }

  /** Ends the nodes for good. */
  async stop(): Promise<void> {
    this.stopping.abort()
    await this.current.stop()
  }

  private restart(): void {
    const agent = this.options.start()
    this.current = agent
    agent.ready
      .then(() => this.options.up(agent))
      .catch((error) => this.options.log(`the nodes do not come up: ${messageOf(error)}`))
  }
}
