import { apiTime } from '../api-time.ts'
import type { Container, ExitStatus } from '../runtime/index.ts'
import { statusContainerId } from './container-id.ts'

/** A container's state as the API shows it. */
export type ContainerState =
  | { waiting: { reason: string; message?: string } }
  | { running: { startedAt: string } }
  | { terminated: TerminatedState }

export interface TerminatedState {
  exitCode: number
  reason: string
  message?: string
  signal?: number
  startedAt: string
  finishedAt: string
  containerID: string
}

/** Of a container that could not be started, as containerd has it. */
export const startErrorCode = 128

/** A run that somebody has seen end. */
export function endedState(
  { id, startedAt }: Pick<Container, 'id' | 'startedAt'>,
  { exitCode, signal, finishedAt }: ExitStatus,
  { message, isOutOfMemory }: { message: string; isOutOfMemory: boolean },
): TerminatedState {
  return {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : isOutOfMemory ? 'OOMKilled' : 'Error',
    ...(message ? { message } : {}),
    ...(signal ? { signal } : {}),
    startedAt: apiTime(startedAt),
    finishedAt: apiTime(finishedAt),
    containerID: statusContainerId(id),
  }
}

/** A run that never began counts as one that ended. */
export function notStartedState(containerId: string, message: string): TerminatedState {
  return {
    ...{ exitCode: startErrorCode, reason: 'StartError', message },
    ...{ startedAt: apiTime(new Date(0)), finishedAt: apiTime() },
    containerID: statusContainerId(containerId),
  }
}

/** The state of a container that ran and does no longer, without anybody having seen its end: as containerd reports it. */
export function lostState(state: ContainerState, containerId: string): ContainerState {
  if (!('running' in state)) return state
  const [{ startedAt }, finishedAt] = [state.running, apiTime()]
  const containerID = statusContainerId(containerId)
  return { terminated: { exitCode: 255, reason: 'Unknown', startedAt, finishedAt, containerID } }
}
