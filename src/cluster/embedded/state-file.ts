import { readFileSync } from 'node:fs'
import { type ClusterState, stateFiles } from '../../embedded/state.ts'
import { isAlive } from '../../process-ref.ts'

/** What `cluster.json` says; null where there is none yet or it was left half written. */
export function readState(directory: string): ClusterState | null {
  try {
    return JSON.parse(readFileSync(stateFiles(directory).cluster, 'utf8')) as ClusterState
  } catch {
    return null
  }
}

export function isRunning(state: ClusterState | null): state is ClusterState {
  return state !== null && isAlive(state.controlPlane)
}
