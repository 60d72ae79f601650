import { join, resolve } from 'node:path'
import type { ProcessRef } from '../process-ref.ts'

/**
 * The files of one embedded cluster, in its state directory (mode 0700). The control plane, the node agent and the
 * command line find each other through these and nothing else.
 */
export interface StateFiles {
  directory: string
  /** JSON: see ClusterState. Mode 0600. */
  cluster: string
  /** Mode 0600. */
  kubeconfig: string
  /** The API server's Unix socket, plain HTTP: for the node agent, which has a loopback of its own. */
  apiSocket: string
  /** Like the port of the kubeconfig, for what pods send to the Service `kubernetes`. */
  apiTlsSocket: string
  /** The kubelet's Unix socket, plain HTTP: exec, attach and logs, which the API server relays. */
  kubeletSocket: string
  controlPlaneLog: string
  nodeAgentLog: string
  /** Root file systems, OCI bundles, container logs. */
  containers: string
}

/** What `cluster.json` holds. */
export interface ClusterState {
  apiVersion: 'ztlab.dev/v1'
  kind: 'EmbeddedCluster'
  name: string
  createdAt: string
  nodes: string[]
  /** PIDs as the host sees them, with the start time of /proc/PID/stat, so that a reused PID is not taken for ours. */
  controlPlane: ProcessRef
  /** PID 1 of the node agent's PID namespace. */
  nodeAgent: ProcessRef | null
  apiPort: number
  /** True where the node agent runs in a user namespace. */
  rootless: boolean
  ready: boolean
}

export function stateFiles(directory: string): StateFiles {
  return {
    directory,
    cluster: join(directory, 'cluster.json'),
    kubeconfig: join(directory, 'kubeconfig'),
    apiSocket: join(directory, 'api.sock'),
    apiTlsSocket: join(directory, 'api-tls.sock'),
    kubeletSocket: join(directory, 'kubelet.sock'),
    controlPlaneLog: join(directory, 'control-plane.log'),
    nodeAgentLog: join(directory, 'node-agent.log'),
    containers: join(directory, 'containers'),
  }
}

/** Where this user's embedded clusters keep their state: one folder per cluster, named after it. */
export function stateRoot(
  env: NodeJS.ProcessEnv = process.env,
  uid: number = process.getuid?.() ?? 0,
): string {
  if (env.ZTLAB_STATE_DIR) return resolve(env.ZTLAB_STATE_DIR)
  if (uid === 0) return '/run/ztlab'
  return join(env.XDG_RUNTIME_DIR ?? `/tmp/ztlab-${uid}`, 'ztlab')
}

export function clusterDirectory(name: string, root: string = stateRoot()): string {
  return join(root, name)
}
