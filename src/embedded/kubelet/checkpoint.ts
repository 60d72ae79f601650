import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KubernetesObject } from '../../kubernetes-object.ts'
import type { PodAttachment } from '../network/index.ts'
import type { FoundContainer } from '../runtime/index.ts'
import { containerIdOf } from './container-id.ts'
import { type ContainerState, lostState } from './container-state.ts'
import type { PodFailure } from './pod-failure.ts'
import type { ContainerRecord } from './pod-status.ts'

/** What a kubelet has to know of a pod that another one has left running: in a file, as it is whenever it changes. */
export interface PodCheckpoint {
  node: string
  pod: KubernetesObject
  startTime: string
  /** Why the kubelet has ended the pod, or does not run it. */
  failure: PodFailure | null
  attachment: PodAttachment | null
  sandbox: FoundContainer | null
  containers: ContainerCheckpoint[]
}

/** One container, and its run where one goes on. */
export interface ContainerCheckpoint {
  record: ContainerRecord
  run: (FoundContainer & { startedAt: string; stopSignal?: string }) | null
}

/** The checkpoints of all pods: files of one directory, which lies beside what pods can fill up. */
export class Checkpoints {
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  }

  /** Never seen half written. */
  write(checkpoint: PodCheckpoint): void {
    const path = this.pathOf(checkpoint.pod)
    writeFileSync(`${path}.new`, JSON.stringify(checkpoint), { mode: 0o600 })
    renameSync(`${path}.new`, path)
  }

  remove(pod: KubernetesObject): void {
    rmSync(this.pathOf(pod), { force: true })
  }

  read(): PodCheckpoint[] {
    return readdirSync(this.directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => JSON.parse(readFileSync(join(this.directory, name), 'utf8')) as PodCheckpoint)
  }

  private pathOf({ metadata }: KubernetesObject): string {
    return join(this.directory, `${metadata.uid}.json`)
  }
}

/** IDs of everything that runs in these pods. */
export function knownIds(checkpoints: PodCheckpoint[]): Set<string> {
  return new Set(
    checkpoints.flatMap(({ sandbox, containers }) => [
      ...(sandbox ? [sandbox.id] : []),
      ...containers.flatMap(({ run }) => (run ? [run.id] : [])),
    ]),
  )
}

/** What is left of the containers of a pod whose node has gone down: what its status says, and that nothing runs. */
export function lostContainers({ status }: KubernetesObject): ContainerCheckpoint[] {
  const statuses: ApiContainerStatus[] = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
    ...(status?.ephemeralContainerStatuses ?? []),
  ]
  return statuses.map((each) => ({ record: recordOf(each), run: null }))
}

interface ApiContainerStatus {
  name: string
  image: string
  imageID: string
  containerID?: string
  state: ContainerState
  lastState?: ContainerRecord['lastState']
  restartCount: number
}

function recordOf(status: ApiContainerStatus): ContainerRecord {
  const { name, image, imageID: imageId, containerID = '', lastState = {}, restartCount } = status
  const containerId = containerIdOf(containerID)
  const state = lostState(status.state, containerId)
  return { name, image, imageId, containerId, state, lastState, restartCount, ready: false, started: false }
}
