import type { Cluster } from '../cluster/index.ts'
import { pasteable } from '../command-line.ts'
import { LabError } from '../errors.ts'

/** Commands on one node, with the line that a reader pastes to see the same. */
export interface NodeShell {
  show(argv: string[]): Promise<Shown>
  /** Null where the command fails: the node may have no such program, or nothing to show. */
  tryToShow(argv: string[]): Promise<Shown | null>
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
    async tryToShow(argv) {
      const { code, stdout } = await cluster.runOnNode(node, argv, { allowFailure: true })
      return code === 0 ? { text: stdout, command: line(argv) } : null
    },
    async pidOf(containerId) {
      const [scheme = '', id = ''] = containerId.split('://')
      for (const { argv, read } of scheme === 'containerd' ? containerdTools(id) : runcTools(id)) {
        const { code, stdout } = await cluster.runOnNode(node, argv, { allowFailure: true })
        const pid = code === 0 ? read(stdout) : undefined
        if (pid) return { pid, command: line(argv) }
      }
      throw new LabError({
        code: 'command-failed',
        message: `the runtime of ${node} does not know container ${containerId}`,
        cause: 'it may have ended meanwhile',
        hint: 'kubectl get pods -A -o wide',
      })
    },
  }
}

interface Tool {
  argv: string[]
  /** The PID out of what it prints. */
  read(text: string): number | undefined
}

/**
 * What runc says, or else the file in which it keeps it: `ip netns exec` mounts a /sys without cgroups, where runc takes
 * a machine of cgroup version 2 for one of version 1 and refuses (libcontainer/cgroups/manager).
 */
function runcTools(id: string): Tool[] {
  return [
    { argv: ['runc', 'state', id], read: (text) => (JSON.parse(text) as { pid: number }).pid },
    {
      argv: ['cat', `/run/runc/${id}/state.json`],
      read: (text) => (JSON.parse(text) as { init_process_pid: number }).init_process_pid,
    },
  ]
}

/** crictl is what people know; a node image may have containerd's own tool alone. */
function containerdTools(id: string): Tool[] {
  return [
    {
      argv: ['crictl', 'inspect', id],
      read: (text) => (JSON.parse(text) as { info: { pid: number } }).info.pid,
    },
    {
      argv: ['ctr', '-n', 'k8s.io', 'tasks', 'list'],
      read: (text) => Number(text.match(new RegExp(`^${id}\\s+(\\d+)`, 'm'))?.[1]),
    },
  ]
}
