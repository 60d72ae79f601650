import type { Cluster } from '../cluster/index.ts'
import { pasteable } from '../command-line.ts'

/** Commands on one node, with the line that a reader pastes to see the same. */
export interface NodeShell {
  show(argv: string[]): Promise<Shown>
  line(argv: string[]): string
  /** PID, as the node sees it, of a container by its `containerID` (`containerd://…`). */
  pidOf(containerId: string): Promise<{ pid: number; command: string }>
}

export interface Shown {
  text: string
  command: string
}

export function nodeShell(cluster: Cluster, node: string): NodeShell {
  const line = (argv: string[]) => pasteable(cluster.nodeCommand(node, argv))
  return {
    line,
    async show(argv) {
      return { text: (await cluster.runOnNode(node, argv)).stdout, command: line(argv) }
    },
    async pidOf(containerId) {
      const [scheme, id = ''] = containerId.split('://')
      const argv = scheme === 'containerd' ? ['crictl', 'inspect', id] : ['runc', 'state', id]
      const { stdout } = await cluster.runOnNode(node, argv)
      const state = JSON.parse(stdout) as { pid?: number; info?: { pid: number } }
      return { pid: state.info?.pid ?? state.pid!, command: line(argv) }
    },
  }
}
