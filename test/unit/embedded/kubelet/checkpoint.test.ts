import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Checkpoints,
  knownIds,
  lostContainers,
  type PodCheckpoint,
} from '../../../../src/embedded/kubelet/checkpoint.ts'
import type { ContainerRecord } from '../../../../src/embedded/kubelet/pod-status.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ztlab-checkpoints-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const process_ = { pid: 7, startTime: '70' }
const record: ContainerRecord = {
  name: 'c',
  image: 'busybox',
  imageId: 'busybox',
  containerId: 'container-1',
  state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
  lastState: {},
  restartCount: 2,
  ready: true,
  started: true,
}
const checkpoint: PodCheckpoint = {
  node: 'node-1',
  pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', uid: 'uid-1' } },
  startTime: '2026-01-01T00:00:00.000Z',
  failure: null,
  attachment: { addresses: ['192.168.8.1'], hostInterface: 'cali1', netns: 'cni-1' },
  sandbox: { id: 'sandbox-1', process: process_ },
  containers: [
    { record, run: { id: 'container-1', process: process_, startedAt: '2026-01-01T00:00:00.000Z' } },
    { record: { ...record, name: 'ended' }, run: null },
  ],
}

test('what was written is read again, one that is half written is not, and none that was removed', () => {
  const checkpoints = new Checkpoints(directory)
  checkpoints.write({ ...checkpoint, startTime: 'earlier' })
  checkpoints.write(checkpoint)
  writeFileSync(join(directory, 'uid-2.json.new'), '{"node":')
  expect(new Checkpoints(directory).read()).toEqual([checkpoint])
  checkpoints.remove(checkpoint.pod)
  expect(readdirSync(directory)).toEqual(['uid-2.json.new'])
  expect(checkpoints.read()).toEqual([])
})

test('what runs in a pod is its sandbox and the containers that have not ended', () => {
  expect(knownIds([checkpoint, { ...checkpoint, sandbox: null, containers: [] }])).toEqual(
    new Set(['sandbox-1', 'container-1']),
  )
})

test('after a reboot what ran has ended in a way nobody knows, and what had ended is as it was', () => {
  const status = {
    name: 'c',
    image: 'busybox',
    imageID: 'busybox',
    containerID: 'runc://container-1',
    restartCount: 2,
    ready: true,
  }
  const completed = { terminated: { exitCode: 0, reason: 'Completed' } }
  const pod = {
    ...checkpoint.pod,
    status: {
      containerStatuses: [{ ...status, state: record.state, lastState: completed }],
      initContainerStatuses: [{ ...status, name: 'i', state: completed }],
    },
  }
  const [init, main] = lostContainers(pod)
  expect(init).toMatchObject({ run: null, record: { name: 'i', state: completed, restartCount: 2 } })
  expect(main).toMatchObject({
    run: null,
    record: {
      ...{ name: 'c', containerId: 'container-1', ready: false, started: false, restartCount: 2 },
      lastState: completed,
      state: {
        terminated: {
          ...{ exitCode: 255, reason: 'Unknown', containerID: 'runc://container-1' },
          startedAt: '2026-01-01T00:00:00Z',
        },
      },
    },
  })
})
